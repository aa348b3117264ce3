"""``lan`` and ``packet`` as people run them."""

from pathlib import Path

from app.district.main import main as district_main
from tests.commands.conftest import Run
from tests.district.live import Live

CODE = "330110012001"


def test_a_file_goes_to_the_district_and_its_answer_comes_home(
    founded: Run, district: Live, tmp_path: Path, capsys
) -> None:
    there, back = tmp_path / "there.dsp", tmp_path / "back.dsp"
    assert founded("enrol", district.url, district.code("supervisor", CODE)).status == 0

    made = founded("packet", "make", there)
    taken = district_main(["packet", "take", str(there), "--answer", str(back), "--database", district.database_url])
    home, again = founded("packet", "take", back), founded("packet", "take", back)
    wrong = founded("packet", "take", there)

    assert (made.status, taken, home.status, again.status) == (0, 0, 0, 0)
    assert "没有新的" in again.out
    assert wrong.status == 1
    assert "Traceback" not in wrong.err


def test_what_cannot_be_is_said_in_a_sentence(founded: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no packet")

    answers = [
        founded("packet", "make", tmp_path / "a.dsp"),
        founded("packet", "take", tmp_path / "a.txt"),
        founded("packet", "take", tmp_path / "none.dsp"),
        founded("lan", "offer"),
        founded("lan", "join", "ABCD"),
    ]

    assert {answer.status for answer in answers} == {1}
    assert all(answer.err.startswith("doorstep: ") and "Traceback" not in answer.err for answer in answers)
