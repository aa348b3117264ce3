"""A client written from docs/protocol.md alone lives beside a real counter, and in the end both hold the same."""

import ast
import contextlib
import json
import random
import sys
from pathlib import Path

import requests

from app.models.registry import RECORD_TYPES
from app.models.wire import to_wire
from app.services import outbox
from tests.factories import fictional_id
from tests.stranger import client as stranger_module
from tests.stranger.client import Away, Client
from tests.sync.test_epoch import backup_of, faults, restore

PERSON = {"name": "葛守成", "id_type": "01", "id_no": fictional_id("19700218", 999), "mobile": "19900000003"}


def held_by(counter):
    """Return {(type, id): (rev, values)} of a real counter."""
    found = {}
    with counter.database.read() as tx:
        for kind in RECORD_TYPES:
            for row in tx.rows(kind.model.__table__.select()):
                values = {name: to_wire(row._mapping[name]) for name in kind.fields}
                found[kind.name, row.id] = (row.rev, {name: v for name, v in values.items() if v not in (None, [], {})})
    return found


def known_to(stranger):
    rows = stranger.db.execute("SELECT type, id, rev, fields FROM record")
    return {
        (kind, record_id): (rev, {name: v for name, v in json.loads(fields).items() if v not in (None, [], {})})
        for kind, record_id, rev, fields in rows
    }


def settle(stranger, counter):
    for _turn in range(2):
        assert stranger.sync() == 0
        report = counter.sync()
        assert (report.error, report.agreed) == (None, True)
    stranger.sync()


def test_it_imports_nothing_of_the_program():
    tree = ast.parse(Path(stranger_module.__file__).read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in named} <= {"requests", *sys.stdlib_module_names}
    assert not any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__import__" for node in ast.walk(tree)
    )
    assert len(Path(stranger_module.__file__).read_text("utf-8").splitlines()) <= 250


def test_what_it_registered_offline_is_at_the_counter_and_the_other_way_round(stranger, one):
    hers = stranger.make("resident.register", "resident", **PERSON)
    stranger.act("resident.edit", ("resident", hers, {"mobile": "19900000008"}))
    ours = one.register("冯巧云", id_no=fictional_id("19700218", 998))
    assert (stranger.unsent(), stranger.see("resident", hers)["mobile"]) == (2, "19900000008")

    settle(stranger, one)

    assert stranger.unsent() == 0
    assert one.see(hers).mobile == "19900000008"
    assert stranger.see("resident", ours)["name"] == "冯巧云"
    assert known_to(stranger) == held_by(one)


def test_what_both_changed_alike_is_a_conflict_at_both(stranger, one):
    record_id = stranger.make("resident.register", "resident", **PERSON)
    settle(stranger, one)
    one.edit(record_id, mobile="19900000007")
    stranger.act("resident.edit", ("resident", record_id, {"mobile": "19900000008"}))
    one.sync()

    settle(stranger, one)

    [item] = one.ask(outbox.list_conflicts)
    assert (item.ours["value"], item.theirs["value"]) == ("19900000008", "19900000007")
    assert (
        json.loads(stranger.db.execute("SELECT fields FROM record WHERE type = 'conflict'").fetchone()[0])["state"]
        == "open"
    )
    assert known_to(stranger) == held_by(one)


def test_it_shows_what_was_refused_and_the_rest_flows(stranger, one):
    stranger.make("resident.register", "resident", **{**PERSON, "id_no": "330110197002189992"})
    fine = stranger.make("resident.register", "resident", **PERSON)

    settle(stranger, one)

    [refusal] = stranger.refusals()
    assert (refusal["act"], refusal["code"], refusal["field"]) == ("resident.register", "invalid_value", "id_no")
    assert refusal["text"]
    assert one.see(fine).name == "葛守成"


def test_it_survives_a_restored_server(stranger, one, district):
    early = stranger.make("resident.register", "resident", **PERSON)
    settle(stranger, one)
    night = backup_of(district)
    late = stranger.make("resident.register", "resident", **{**PERSON, "id_no": fictional_id("19700218", 997)})
    stranger.act("resident.edit", ("resident", early, {"mobile": "19900000008"}))
    settle(stranger, one)
    one.edit(early, school="余杭中学")
    settle(stranger, one)

    restore(district, night)
    settle(stranger, one)

    assert one.see(late) is not None
    assert (one.see(early).mobile, one.see(early).school) == ("19900000008", "余杭中学")
    assert known_to(stranger) == held_by(one)
    assert (stranger.refusals(), faults(district)) == ([], ())


def test_its_own_restored_file_is_numbered_anew(stranger, one):
    settle(stranger, one)
    backup = "\n".join(stranger.db.iterdump())
    lost = stranger.make("resident.register", "resident", **PERSON)
    settle(stranger, one)

    for table in ("fact", "op", "record", "cursor"):
        stranger.db.execute(f"DROP TABLE {table}")
    stranger.db.executescript(backup)
    fresh = stranger.make("resident.register", "resident", **{**PERSON, "id_no": fictional_id("19700218", 997)})
    settle(stranger, one)

    assert {stranger.see("resident", each)["name"] for each in (lost, fresh)} == {"葛守成"}
    assert known_to(stranger) == held_by(one)


def test_it_repairs_by_digest(stranger, one):
    record_id = one.register()
    settle(stranger, one)
    with stranger.db:
        stranger.db.execute("UPDATE record SET rev = 77, fields = '{}' WHERE id = ?", (record_id,))

    repaired = stranger.sync()

    assert repaired == 1
    assert known_to(stranger) == held_by(one)


class BadLine(requests.Session):
    """Breaks off before or after a request, as the dice fall."""

    dice = random.Random(4)

    def request(self, *args, **more):
        if self.dice.random() < 0.25:
            raise requests.ConnectionError
        answer = super().request(*args, **more)
        if self.dice.random() < 0.25:
            raise requests.ConnectionError
        return answer


def test_on_a_bad_line_nothing_is_lost_or_doubled_and_no_page_is_half(stranger, one):
    stranger.page, waits = 3, []
    stranger.http = BadLine()
    for number in range(8):
        one.register()
        stranger.make(
            "resident.register", "resident", **{**PERSON, "id_no": fictional_id(f"197002{number + 1:02d}", 999)}
        )
        one.sync()
        with contextlib.suppress(Away):
            stranger.sync()
    stranger.keep_trying(200, pause=waits.append)
    stranger.http = requests.Session()

    settle(stranger, one)

    people = [key for key in known_to(stranger) if key[0] == "resident"]
    assert len(people) == 16
    assert all(
        left * 2 >= right for left, right in zip(waits[1:], waits, strict=False)
    )  # longer each time, but for jitter
    assert known_to(stranger) == held_by(one)


def test_a_second_stranger_learns_everything(new_stranger, one):
    first, second = new_stranger(), new_stranger()
    for number in range(7):
        first.make("resident.register", "resident", **{**PERSON, "id_no": fictional_id(f"197002{number + 1:02d}", 999)})
    second.page = 2

    settle(first, one)
    second.sync()

    assert known_to(second) == known_to(first)
    assert isinstance(second, Client)
