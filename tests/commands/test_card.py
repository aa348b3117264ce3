"""``doorstep card``: the card without a window and without a PIN."""

import pytest

from app import texts
from app.commands.main import main
from tests.printing.reading import squeezed


@pytest.fixture(autouse=True)
def language_kept():
    before = texts.language()
    yield
    texts.set_language(before)


def test_the_card_names_the_station_without_anybody_signing_in(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DOORSTEP_PIN", "284613")
    data, out = tmp_path / "data", tmp_path / "card.pdf"
    station = ["--name", "溪桥社区就业服务站", "--code", "330110001001", "--county", "330110", "--staff", "陶丽华"]
    assert main(["found", "--data", str(data), *station]) == 0
    monkeypatch.delenv("DOORSTEP_PIN")

    status = main(["card", "--data", str(data), "--out", str(out), "--district-phone", "0571-00000100"])

    text = squeezed(out.read_bytes())
    assert status == 0
    assert all(word in text for word in ("溪桥社区就业服务站", "330110001001", "0571-00000100", "恢复密钥"))
    assert str(out) in capsys.readouterr().out


def test_it_speaks_english_when_asked(tmp_path):
    out = tmp_path / "card.pdf"

    status = main(["card", "--data", str(tmp_path / "none"), "--out", str(out), "--lang", "en"])

    assert status == 0
    assert "Thenetworkisdown" in squeezed(out.read_bytes())


@pytest.mark.parametrize("name", ["card.docx", "nowhere/card.pdf"])
def test_a_place_it_cannot_go_to_is_said_in_one_sentence(tmp_path, capsys, name):
    status = main(["card", "--data", str(tmp_path / "none"), "--out", str(tmp_path / name)])

    assert status == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert list(tmp_path.rglob("card*")) == []
