"""A copy of the data folder shows nothing: no name, no number, no address, in any file, in any coding."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import logs
from app.commands.work import run_import
from app.config import SettingsStore
from app.db.backup import make_backup
from app.db.database import Database
from app.db.keyring import Keyring
from app.errors import AppError, InvalidInputError, RuleError, StorageError
from app.models.employer import Employer
from app.paths import DataFolder
from app.printing.slip import render_slips
from app.printing.slip_facts import slip_row
from app.services import drafts, referrals, residents
from app.services.counters import OpenCounter, found_counter, open_counter
from app.services.imports.job import ImportJob
from tests.factories import REGISTRATION, RESIDENT, Factory, fictional_id

PIN = "250613"
SUPERVISOR = "陶丽华"
STATION = {"name": "溪桥社区就业服务站", "code": "330110012001", "county_code": "330110", "phone": "0571-00000200"}
ADDRESS = "溪桥苑 5 幢 2 单元 301"
PEOPLE = (
    {"name": "葛守成", "id_no": fictional_id("19700218", 999), "mobile": "19900001703"},
    {"name": "冯巧云", "id_no": fictional_id("19790425", 998), "mobile": "19900001704"},
    {"name": "尉迟望舒", "id_no": fictional_id("19881111", 997), "mobile": "19900001705"},
)
DRAFT = {"name": "毛立根", "id_no": fictional_id("19650909", 996), "mobile": "19900001706", "live_addr": "葛溪路 77 号"}
IMPORTED = {"name": "姚景行", "id_no": fictional_id("19910305", 999), "mobile": "19900001707"}
SECRETS = (
    *(value for person in (*PEOPLE, DRAFT, IMPORTED) for value in person.values()),
    *("shoucheng", "qiaoyun", "wangshu", SUPERVISOR, ADDRESS, PIN),
)


def filled(folder: DataFolder, tmp_path: Path) -> OpenCounter:
    """Found a counter and leave every kind of trace that a working day leaves."""
    logs.set_up(folder.logs)
    counter, _recovery = found_counter(folder, STATION, supervisor=SUPERVISOR, pin=PIN)
    SettingsStore(folder.root / "settings.json", {}).change("window_name", "2 号窗口")
    ids = [register(counter, person) for person in PEOPLE]
    with counter.database.write(counter.actor) as tx:
        drafts.keep_draft(tx, "register", dict(DRAFT))
    refer_and_print(counter, ids[0])
    import_people(counter, tmp_path / "people.csv")
    fail_loudly(counter, ids[1])
    make_backup(folder, counter.key)
    make_backup(folder, counter.key, to=folder.root / "stick.backup", reason="manual")
    return counter


def register(counter: OpenCounter, person: dict[str, Any]) -> str:
    consents = [{"kind": "1", "agreed": True}]
    values = {**RESIDENT, **person, "live_addr": ADDRESS}
    with counter.database.write(counter.actor) as tx:
        return residents.register_resident(tx, values, registration=REGISTRATION, consents=consents).id


def refer_and_print(counter: OpenCounter, resident_id: str) -> None:
    with counter.database.write(counter.actor) as tx:
        vacancy = Factory(tx).vacancy()
        assert tx.get(Employer, vacancy.employer_id)
    with counter.database.write(counter.actor) as tx:
        referral = referrals.issue_referral(
            tx, resident_id=resident_id, vacancy_id=vacancy.id, consent_share=True, print_sex=True
        )
    with counter.database.write(counter.actor) as tx:
        referrals.record_print(tx, referral.id, paper="A4", way="pdf")
        facts = referrals.slip_facts(tx, referral.id)
    assert render_slips([slip_row(facts)], paper="A4").startswith(b"%PDF")


def import_people(counter: OpenCounter, file: Path) -> None:
    values = (IMPORTED["name"], IMPORTED["id_no"], IMPORTED["mobile"])
    file.write_text("姓名,证件号码,手机\n" + ",".join(values) + "\n", "utf-8")
    run_import(counter, ImportJob.open(file, "residents"))
    with counter.database.read() as tx:
        assert residents.find_by_id_no(tx, "01", IMPORTED["id_no"]) is not None


def fail_loudly(counter: OpenCounter, resident_id: str) -> None:
    """Let errors that quote personal data reach the log."""
    log = logging.getLogger("app.test_secrecy")
    try:
        register(counter, PEOPLE[1])
    except RuleError:
        log.exception("not registered: %s %s", PEOPLE[1]["id_no"], PEOPLE[1]["mobile"])
    try:
        with counter.database.write(counter.actor) as tx:
            tx.session.connection().exec_driver_sql(
                "INSERT INTO form_draft (staff_id, form) VALUES (?, ?)", (PEOPLE[0]["name"], PEOPLE[0]["id_no"])
            )
    except StorageError:
        log.exception("a driver's error quotes its row")
    try:
        raise KeyError(PEOPLE[2]["name"], resident_id)
    except KeyError:
        log.exception("a bug")


def codings(text: str) -> Iterator[bytes]:
    """Return a text as files may hold it: plain, wide, in hexadecimal, escaped in JSON."""
    for coding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        plain = text.encode(coding)
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
    yield json.dumps(text)[1:-1].encode()


def shown_in(root: Path) -> list[tuple[str, str]]:
    """Return which file shows which secret."""
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) >= 5
    content = {path: path.read_bytes() for path in files}
    return [
        (path.name, secret)
        for path, raw in content.items()
        for secret in SECRETS
        if any(coded in raw for coded in codings(secret))
    ]


@pytest.fixture
def counter(data_folder: DataFolder, tmp_path: Path) -> Iterator[OpenCounter]:
    made = filled(data_folder, tmp_path)
    yield made
    made.database.close()
    logs.stop()


@pytest.mark.usefixtures("expect_errors")
def test_an_open_counter_shows_nothing_in_any_file(counter: OpenCounter) -> None:
    names = {path.name for path in counter.folder.root.rglob("*") if path.is_file()}

    found = shown_in(counter.folder.root)

    assert {"doorstep.db", "doorstep.db-wal", "keyring.json", "settings.json", "doorstep.log", "stick.backup"} <= names
    assert found == []


@pytest.mark.usefixtures("expect_errors")
def test_a_closed_counter_shows_nothing_in_any_file(counter: OpenCounter) -> None:
    counter.database.close()

    assert shown_in(counter.folder.root) == []


@pytest.mark.usefixtures("expect_errors")
def test_the_search_for_secrets_finds_what_is_there(counter: OpenCounter) -> None:
    (counter.folder.logs / "leak.txt").write_text(f"… {PEOPLE[0]['id_no']} …", "utf-16")

    assert shown_in(counter.folder.root) == [("leak.txt", PEOPLE[0]["id_no"])]


@pytest.mark.usefixtures("expect_errors")
def test_the_store_opens_with_its_key_alone(counter: OpenCounter) -> None:
    counter.database.close()

    for key in (None, bytes(32)):
        database = Database(counter.folder.database, key)
        with pytest.raises(StorageError), database.read() as tx:
            tx.sql("SELECT count(*) FROM resident")
        database.close()


@pytest.mark.usefixtures("expect_errors")
def test_a_wrong_pin_opens_nothing(counter: OpenCounter) -> None:
    with pytest.raises(InvalidInputError):
        open_counter(counter.folder, name=SUPERVISOR, pin="903817")


@pytest.mark.usefixtures("expect_errors")
def test_five_wrong_pins_lock_out_the_right_one_too(counter: OpenCounter) -> None:
    for _attempt in range(5):
        with pytest.raises(AppError):
            open_counter(counter.folder, name=SUPERVISOR, pin="903817")

    with pytest.raises(RuleError):
        open_counter(counter.folder, name=SUPERVISOR, pin=PIN)


@pytest.mark.usefixtures("expect_errors")
def test_a_copy_of_the_folder_opens_on_no_other_pc(
    counter: OpenCounter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = DataFolder(tmp_path / "stolen")
    shutil.copytree(counter.folder.root, copy.root)
    monkeypatch.setenv("DOORSTEP_SECRETS", str(tmp_path / "another PC"))

    assert not Keyring.open(copy).bound
    with pytest.raises(AppError):
        open_counter(copy, name=SUPERVISOR, pin=PIN)
