"""The commands people script: they do what they say, and an error is one plain sentence with a status of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import paths
from app.commands.main import main
from app.paths import DataFolder
from app.services.counters import open_counter
from tests.commands.conftest import PIN, STATION, Done, Run
from tests.district.live import STATION as DISTRICT_STATION
from tests.district.live import Live
from tests.factories import REGISTRATION, RESIDENT, Factory, fictional_id

COMMANDS = (
    "demo",
    "shots",
    "enrol",
    "sync",
    "status",
    "found",
    "import",
    "publish",
    "match",
    "ledger",
    "backup",
    "restore",
)
NEED_A_STATION = (
    ("status",),
    ("doctor",),
    ("publish", "--all"),
    ("match", "葛守成"),
    ("backup", "x.backup"),
    ("sync",),
)


def refused(done: Done) -> bool:
    """Tell whether it ended as an error shall: nothing but one sentence, and no success."""
    lines = done.err.strip().splitlines()
    return done.status == 1 and len(lines) == 1 and lines[0].startswith("doorstep: ") and "Traceback" not in done.err


def register(folder: DataFolder) -> None:
    """Register 葛守成, who looks for work."""
    from app.services import residents

    counter = open_counter(folder, name="陶丽华", pin=PIN)
    with counter.database.write(counter.actor) as tx:
        residents.register_resident(
            tx, dict(RESIDENT), registration=REGISTRATION, consents=[{"kind": "1", "agreed": True}]
        )
    counter.database.close()


@pytest.mark.parametrize("command", [*COMMANDS, "doctor"])
def test_help_names_every_argument(run: Run, command: str) -> None:
    done = run(command, "--help")

    assert done.status == 0
    bare = [line for line in done.out.splitlines() if line.startswith("  -") and line.rstrip().endswith(("]", "=="))]
    assert "--data" in done.out and bare == []


def loaded_by(code: str) -> set[str]:
    """Return the modules that a fresh process has loaded after this code."""
    told = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    environment = {**os.environ, "PYTHONPATH": str(paths.resources().parent)}
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, env=environment)
    return set(done.stderr.split())


def test_help_is_light() -> None:
    loaded = loaded_by("from app.commands.main import main\ntry: main(['--help'])\nexcept SystemExit: pass")

    assert "app.commands.parser" in loaded
    assert not {"PySide6", "sqlalchemy", "sqlmodel", "reportlab", "openpyxl", "fastapi", "alembic"} & loaded


def test_the_window_loads_no_command() -> None:
    loaded = loaded_by(
        "from app import bootstrap\nfrom app.commands.main import main\n"
        "bootstrap.run_desktop = lambda *words, **named: 0\nmain(['--data', 'somewhere'])\nimport app.ui.start"
    )

    assert "app.ui.start" in loaded
    assert not {"sqlalchemy", "app.commands.parser", "app.commands.work", "requests"} & loaded


def test_the_sign_in_page_loads_what_it_shows_alone() -> None:
    loaded = loaded_by("import app.bootstrap, app.counter, app.logs, app.ui.desktop, app.ui.start")

    assert "app.ui.sign_in.screen" in loaded
    later = {"sqlalchemy", "argon2", "platformdirs", "logging.handlers", "subprocess", "app.ui.shell", "app.ui.forms"}
    assert not later & loaded


@pytest.mark.parametrize("words", NEED_A_STATION, ids=lambda words: words[0])
def test_without_a_station_a_command_says_so(run: Run, words: tuple[str, ...]) -> None:
    assert refused(run(*words))


def test_found_makes_a_station_and_prints_the_recovery_key(run: Run, data_folder: DataFolder) -> None:
    done = run("found", *STATION, "--staff", "陶丽华")

    assert done.status == 0
    assert "恢复" in done.out
    assert data_folder.keyring.exists()


def test_found_twice_is_refused(founded: Run) -> None:
    assert refused(founded("found", *STATION, "--staff", "陶丽华"))


def test_found_with_an_easy_pin_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, data_folder: DataFolder) -> None:
    monkeypatch.setenv("DOORSTEP_PIN", "123456")

    assert refused(run("found", *STATION, "--staff", "陶丽华"))
    assert not data_folder.keyring.exists()


def test_a_wrong_pin_is_refused(founded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOORSTEP_PIN", "903817")

    assert refused(founded("status"))


def test_nobody_to_ask_for_a_pin_is_refused(founded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOORSTEP_PIN")

    assert refused(founded("status"))


def test_a_name_nobody_has_is_refused_with_the_names_there_are(founded: Run) -> None:
    done = founded("status", "--staff", "别人")

    assert refused(done)
    assert "陶丽华" in done.err


def test_import_publish_match(founded: Run, data_folder: DataFolder, tmp_path: Path) -> None:
    postings = paths.resources() / "sample" / "vacancies.csv"
    register(data_folder)

    imported = founded("import", "vacancies", postings, "--report", tmp_path / "report.csv")
    published = founded("publish", "--all")
    matched = founded("match", "葛守成", "--top", "3", "--json")

    assert (imported.status, published.status, matched.status) == (0, 0, 0)
    assert (tmp_path / "report.csv").read_text("utf-8-sig").count("\n") > 3
    assert json.loads(matched.out)
    assert founded("match", "geshou").out.startswith("给葛守成找岗位")


def test_a_dry_run_keeps_nothing(founded: Run, data_folder: DataFolder) -> None:
    done = founded("import", "vacancies", paths.resources() / "sample" / "vacancies.csv", "--dry-run")

    counter = open_counter(data_folder, name="陶丽华", pin=PIN)
    with counter.database.read() as tx:
        kept = tx.sql("SELECT count(*) FROM vacancy")[0][0]
    counter.database.close()
    assert (done.status, kept) == (0, 0)


def plan_class(folder: DataFolder) -> str:
    """Plan a class open for sign-up, beside 葛守成's file; return its number."""
    register(folder)
    counter = open_counter(folder, name="陶丽华", pin=PIN)
    with counter.database.write(counter.actor) as tx:
        number = Factory(tx).training_class(title="低压电工").class_no
    counter.database.close()
    return number


def sign_ups(folder: DataFolder) -> int:
    counter = open_counter(folder, name="陶丽华", pin=PIN)
    with counter.database.read() as tx:
        count = int(tx.sql("SELECT count(*) FROM enrolment")[0][0])
    counter.database.close()
    return count


def test_a_list_of_sign_ups_goes_into_the_class_that_is_named(
    founded: Run, data_folder: DataFolder, tmp_path: Path
) -> None:
    number, names = plan_class(data_folder), tmp_path / "名单.csv"
    rows = [f"葛守成,{RESIDENT['id_no']}", f"毛立根,{fictional_id('19680909')}"]
    names.write_text("\n".join(["姓名,身份证号", *rows, rows[0]]), "utf-8")

    tried = founded("import", "enrolments", names, "--class", number, "--dry-run")
    before = sign_ups(data_folder)
    done = founded("import", "enrolments", names, "--class", "低压电工")
    again = founded("import", "enrolments", names, "--class", number)

    assert (tried.status, done.status, again.status, before, sign_ups(data_folder)) == (0, 0, 0, 0, 1)
    assert "与前面的一行相同" in tried.out
    for told in (tried.out, done.out):
        assert "先登记再报名" in told and number in told
    assert "没有重复记" in again.out


def test_a_list_of_sign_ups_without_a_class_that_is_known_is_refused(
    founded: Run, data_folder: DataFolder, tmp_path: Path
) -> None:
    names = tmp_path / "名单.csv"
    names.write_text(f"姓名,身份证号\n葛守成,{RESIDENT['id_no']}", "utf-8")

    for words in (("enrolments", names), ("enrolments", names, "--class", "9"), ("residents", names, "--class", "9")):
        assert refused(founded("import", *words))


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 no workbook"], ids=["empty", "noise", "damaged"]
)
def test_an_unreadable_file_is_refused(founded: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(content)

    assert refused(founded("import", "residents", file))


def test_a_file_that_is_not_there_is_refused(founded: Run, tmp_path: Path) -> None:
    assert refused(founded("import", "residents", tmp_path / "nothing.csv"))
    assert refused(founded("restore", tmp_path / "nothing.backup"))


def test_match_of_nobody_is_refused(founded: Run) -> None:
    assert refused(founded("match", "毛立根"))


def test_a_backup_restores_what_was_lost(founded: Run, data_folder: DataFolder, tmp_path: Path) -> None:
    register(data_folder)
    backup = tmp_path / "stick.backup"

    made = founded("backup", backup)
    data_folder.database.write_bytes(b"torn")
    restored = founded("restore", backup, "--staff", "陶丽华")

    assert (made.status, restored.status) == (0, 0), restored.err
    assert founded("match", "葛守成").status == 0


def test_a_file_that_is_no_backup_is_refused(founded: Run, tmp_path: Path) -> None:
    (tmp_path / "no.backup").write_bytes(b"nothing of ours")

    assert refused(founded("restore", tmp_path / "no.backup"))


def test_doctor_finds_a_healthy_station_healthy(founded: Run, tmp_path: Path) -> None:
    founded("backup", tmp_path / "stick.backup")

    done = founded("doctor")

    assert done.status == 0, done.out
    assert "✓" in done.out and "✗" not in done.out


def test_status_counts_what_waits(founded: Run, data_folder: DataFolder) -> None:
    before = json.loads(founded("status", "--json").out)
    register(data_folder)

    after = json.loads(founded("status", "--json").out)

    assert (before["joined"], after["queued"] - before["queued"]) == (False, 1)


def test_enrol_joins_a_real_district_and_sends_what_waits(
    founded: Run, data_folder: DataFolder, district: Live
) -> None:
    register(data_folder)

    joined = founded("enrol", district.url, district.code("supervisor", DISTRICT_STATION))
    told = founded("status", "--json")

    assert (joined.status, told.status) == (0, 0), joined.err + told.err
    status = json.loads(told.out)
    assert (status["joined"], status["queued"], status["parked"]) == (True, 0, 0)
    assert all(feed["digests_agree"] for feed in status["feeds"].values())
    assert founded("sync", "--once").status == 0


def test_enrol_of_an_empty_folder_makes_a_counter(run: Run, district: Live) -> None:
    done = run("enrol", district.url, district.code("clerk", DISTRICT_STATION), "--staff", "方静")

    assert done.status == 0, done.err
    assert "恢复" in done.out
    assert run("status").status == 0


def test_enrol_takes_the_whole_line_of_an_invitation(run: Run, district: Live) -> None:
    code = district.code("clerk", DISTRICT_STATION)

    done = run("enrol", f"doorstep:join?url={district.url}&code={code}&station={DISTRICT_STATION}", "--staff", "方静")

    assert done.status == 0, done.err
    assert json.loads(run("status", "--json").out)["url"] == district.url


def test_enrol_without_a_code_is_refused(run: Run, data_folder: DataFolder) -> None:
    assert refused(run("enrol", "https://127.0.0.1:9", "--staff", "方静"))
    assert refused(run("enrol", "doorstep:join?url=https://127.0.0.1:9", "--staff", "方静"))
    assert not data_folder.keyring.exists()


def test_a_wrong_code_joins_nothing_and_leaves_no_counter(run: Run, district: Live, data_folder: DataFolder) -> None:
    done = run("enrol", district.url, "AAAA-AAAA-AAAA", "--staff", "方静")

    assert refused(done)
    assert not data_folder.keyring.exists()


def test_a_district_that_does_not_answer_is_refused(founded: Run) -> None:
    assert refused(founded("enrol", "http://127.0.0.1:9", "AAAA-AAAA-AAAA"))


def test_an_unknown_command_ends_with_the_usage(run: Run) -> None:
    done = run("frobnicate")

    assert done.status == 2
    assert "Traceback" not in done.err


def test_english_is_spoken_where_asked(capsys: pytest.CaptureFixture[str], data_folder: DataFolder) -> None:
    with pytest.raises(SystemExit):
        main(["--lang", "en", "--help"])

    assert "backup" in capsys.readouterr().out.lower()
