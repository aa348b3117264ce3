"""The counter's engine against a real district: what people did arrives, once, whatever the line does."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app import clock
from app.errors import RuleError
from app.models.conflict import Conflict
from app.models.operation import Cursor, ServerRow
from app.models.resident import Resident
from app.services import outbox
from app.services.history import list_changes
from app.sync.engine import enrol
from app.sync.transport import ProblemAnswer
from tests.district.live import OTHER, STATION, change, resident
from tests.factories import RESIDENT
from tests.sync.world import CLERK


def states(counter):
    return counter.ask(
        lambda tx: [
            row.state for row in tx.rows(text("SELECT state FROM operation WHERE origin = 'local' ORDER BY seq"))
        ]
    )


def test_two_counters_offline_converge(one, two):
    mine, theirs = one.register("沈以安"), two.register("陆知夏")

    for each in (one, two, one):
        report = each.sync()
        assert report.ok
        assert report.agreed is True

    for each in (one, two):
        assert each.see(mine).name == "沈以安"
        assert each.see(theirs).name == "陆知夏"
        assert each.ask(outbox.sync_summary).queued == 0


def test_a_pulled_record_is_whole_and_found_by_search(one, two):
    record_id = one.register("沈以安", priority_groups=[{"code": "01"}], remark="要早班")
    one.sync()
    two.sync()

    left, right = one.see(record_id), two.see(record_id)
    same = [name for name in Resident.model_fields if name != "updated_at"]

    assert {name: getattr(left, name) for name in same} == {name: getattr(right, name) for name in same}
    assert right.rev > 0
    tokens = two.ask(lambda tx: tx.rows(text("SELECT tokens FROM search_entry")))
    assert any("shenyian" in row.tokens for row in tokens)


def test_what_others_did_is_in_the_history_with_old_and_new(one, two):
    record_id = one.register()
    one.sync()
    two.sync()
    one.edit(record_id, mobile="19900000009")
    one.sync()
    two.sync()

    changes = two.ask(list_changes, "resident", record_id, "mobile")

    assert [(change.old, change.new) for change in changes] == [
        ("19900000003", "19900000009"),
        (None, "19900000003"),
    ]


def test_edits_of_different_fields_are_merged_on_both_sides(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    one.edit(record_id, mobile="19900000008")
    two.edit(record_id, school="余杭中学")

    for each in (one, two, one):
        each.sync()

    for each in (one, two):
        assert (each.see(record_id).mobile, each.see(record_id).school) == ("19900000008", "余杭中学")
    assert states(two)[-1] == "merged"


def test_a_conflict_keeps_both_values_on_both_sides(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    one.edit(record_id, mobile="19900000008")
    two.edit(record_id, mobile="19900000009")

    for each in (one, two, one):
        assert each.sync().ok

    for each in (one, two):
        [item] = each.ask(outbox.list_conflicts)
        assert each.see(record_id).mobile == "19900000008"
        assert (item.ours["value"], item.theirs["value"], item.field) == ("19900000009", "19900000008", "mobile")
        assert item.ours["actor"] == CLERK.staff_id
    assert states(two)[-1] == "conflict"
    assert two.ask(outbox.record_sync_state, "resident", record_id).state == "conflict"


def test_deleted_here_edited_there_is_asked(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    two.edit(record_id, mobile="19900000008")
    one.act(lambda tx: tx.remove(tx.session.get(Resident, record_id), "重复"), "resident.remove")

    for each in (two, one, two):
        assert each.sync().ok

    assert [item.field for item in one.ask(outbox.list_conflicts)] == ["deleted_at"]
    assert one.see(record_id).deleted_at is None
    assert one.see(record_id).mobile == "19900000008"


def test_edited_here_deleted_there_is_asked_and_the_edit_is_kept(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    one.act(lambda tx: tx.remove(tx.session.get(Resident, record_id), "重复"), "resident.remove")
    two.edit(record_id, mobile="19900000008")

    for each in (one, two, one):
        assert each.sync().ok

    assert [item.field for item in one.ask(outbox.list_conflicts)] == ["deleted_at"]
    assert one.see(record_id).deleted_at is not None
    assert one.see(record_id).mobile == "19900000008"


@pytest.mark.parametrize("call", ["status", "push", "pull", "digest"])
@pytest.mark.parametrize("kind", ["cut", "lose_reply"])
def test_a_broken_line_loses_nothing_and_doubles_nothing(one, two, call, kind):
    ids = [one.register(f"沈以{char}") for char in "安宁康"]
    setattr(one.line, kind, {call: 2})

    broken = [one.sync(), one.sync()]
    healed = one.sync()
    two.sync()

    assert [report.error[0] for report in broken] == ["sync.offline"] * 2
    assert healed.ok
    assert two.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident")))[0][0] == 3
    assert all(two.see(record_id) for record_id in ids)
    assert two.sync().agreed is True


def test_promise_7_a_page_and_its_cursors_are_stored_together_or_not_at_all(one, two, monkeypatch):
    for char in "安宁康":
        one.register(f"沈以{char}")
    one.sync()
    two.page = 2
    two.reopen()
    with two.database.write(None) as tx:
        tx.session.connection().exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON feed_record WHEN NEW.rev >= 3"
            " BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        )

    report = two.sync()

    assert report.error[0] == "storage.full"
    assert two.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident")))[0][0] == 2
    assert two.ask(lambda tx: tx.session.get(Cursor, f"station/{STATION}").seq) == 2
    with two.database.write(None) as tx:
        tx.session.connection().exec_driver_sql("DROP TRIGGER full")
    assert two.sync().ok
    assert two.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident")))[0][0] == 3


def test_an_edit_made_while_the_push_was_under_way_is_sent_next(one, two):
    record_id = one.register()
    one.line.before["push"] = lambda: one.edit(record_id, mobile="19900000008")

    assert one.sync().ok
    two.sync()

    assert two.see(record_id).mobile == "19900000008"
    assert one.see(record_id).mobile == "19900000008"
    assert one.ask(outbox.sync_summary).queued == 0


def test_an_edit_made_before_the_pull_is_not_overwritten(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    two.edit(record_id, mobile="19900000008", school="甲")
    two.sync()
    one.line.before["pull"] = lambda: one.edit(record_id, mobile="19900000009")
    one.line.cut["digest"] = 9

    one.sync()

    shown = one.see(record_id)
    assert (shown.mobile, shown.school) == ("19900000009", "甲")
    ground = one.ask(lambda tx: tx.session.get(ServerRow, ("resident", record_id)))
    assert ground.fields["mobile"] == "19900000008"
    one.line.cut.clear()
    one.sync()
    assert one.see(record_id).mobile in ("19900000008", "19900000009")
    assert one.ask(lambda tx: tx.session.get(ServerRow, ("resident", record_id))) is None


def test_set_and_set_back_while_offline_ends_as_it_was(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    for number in ("19900000008", "19900000003"):
        one.edit(record_id, mobile=number)

    for each in (one, two):
        assert each.sync().ok

    assert one.see(record_id).mobile == two.see(record_id).mobile == "19900000003"


def test_create_then_delete_offline_ends_deleted_everywhere(one, two):
    record_id = one.register()
    one.act(lambda tx: tx.remove(tx.session.get(Resident, record_id), "错录"), "resident.remove")

    for each in (one, two, one):
        assert each.sync().ok

    assert one.see(record_id).deleted_at is not None
    assert two.see(record_id).deleted_at is not None


def _poison(counter, name="沈以安"):
    """Register somebody whom the district refuses: the counter's own check was by-passed."""
    return counter.register(name, id_no="330110197002189992", raw=True)


def test_a_refused_act_parks_alone_with_its_reason_and_the_rest_flows(one, two):
    bad, good = _poison(one), one.register("陆知夏")

    report = one.sync()
    two.sync()

    assert (report.parked, report.held, report.pushed) == (1, 0, 2)
    [item] = one.ask(outbox.list_parked)
    assert (item.code, item.field, item.subjects[0][1:]) == ("invalid_value", "id_no", (bad, "沈以安"))
    assert item.text
    assert one.see(bad).name == "沈以安"
    assert two.see(good) is not None
    assert two.see(bad) is None


def test_what_builds_on_a_refused_act_is_held_and_follows_by_itself_when_that_is_mended(one, two):
    bad = _poison(one)
    one.edit(bad, mobile="19900000007")
    assert (one.sync().parked, one.sync().held) == (1, 1)

    one.edit(bad, id_no="330110197002189991")
    [parked] = [item for item in one.ask(outbox.list_parked) if item.state == "parked"]
    one.act(lambda tx: outbox.resend(tx, parked.op))
    report = one.sync()
    two.sync()

    assert (report.parked, report.held, report.ok) == (0, 0, True)
    assert (two.see(bad).id_no, two.see(bad).mobile) == ("330110197002189991", "19900000007")
    assert one.ask(lambda tx: tx.session.get(ServerRow, ("resident", bad))) is None
    assert one.ask(outbox.record_sync_state, "resident", bad).state == "synced"


def test_a_refused_edit_is_shown_until_it_is_mended(one, two):
    record_id = one.register()
    one.sync()
    one.edit(record_id, name="")
    one.sync()
    assert one.ask(outbox.record_sync_state, "resident", record_id).state == "parked"
    assert one.see(record_id).name == ""

    one.edit(record_id, name="葛守正")
    report = one.sync()
    two.sync()

    assert (report.parked, two.see(record_id).name) == (0, "葛守正")
    assert one.ask(outbox.record_sync_state, "resident", record_id).state == "synced"


def test_parked_acts_survive_a_restart(one):
    _poison(one)
    one.sync()

    one.reopen()

    assert one.ask(outbox.sync_summary).parked == 1
    assert one.sync().parked == 1


def test_only_what_was_sent_back_can_be_sent_again(one):
    one.register()

    with pytest.raises(RuleError):
        one.act(lambda tx: outbox.resend(tx, tx.rows(text("SELECT op FROM operation"))[0].op))


def test_the_district_that_lacks_older_operations_gets_them_again(one, two, district):
    ids = [one.register(f"沈以{char}") for char in "安宁康"]
    one.sync()
    _forget_everything(district)
    one.register("陆知夏")

    report = one.sync()

    assert report.pushed >= 4
    with district.store.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM received_op").scalar()
    assert count == 4
    assert len(ids) == 3


def _forget_everything(district):
    """Do to the server what a restore from an old backup does, under the same epoch."""
    with district.store.write() as connection:
        for table in ("feed_entry", "record_head", "feed_digest", "received_op"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql("UPDATE feed_head SET head = 0")
        connection.exec_driver_sql("UPDATE device SET next_seq = 1")


def test_promise_8_a_record_that_differs_is_fetched_again(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    with two.database.write(None) as tx, tx.applying():
        tx.session.connection().exec_driver_sql("UPDATE resident SET name = '坏', rev = 0")

    report = two.sync()

    assert (report.ok, report.repaired) == (True, 1)
    assert two.see(record_id).name == "葛守成"


def test_promise_10_a_clock_years_off_is_told_and_changes_nothing(one, two):
    record_id = one.register()
    clock.shift(timedelta(days=-9000))
    one.line.offset_seconds = -9000 * 86400.0
    one.edit(record_id, mobile="19900000008")
    report = one.sync()
    clock.shift(timedelta(0))
    two.sync()

    assert report.ok
    assert report.clock_wrong
    assert two.see(record_id).mobile == "19900000008"


def test_promise_11_a_newer_servers_field_and_type_are_kept(one):
    from app.sync.apply import apply_entries
    from app.sync.protocol import Entry

    record_id = one.register()
    one.sync()
    feed = f"station/{STATION}"
    values = {"name": "葛守成", "id_no": "330110197002189991", "shoe_size": 42}
    facts = {"op": "o1", "act": "x", "actor": None, "made_at": clock.now(), "device": "d"}
    entries = [
        Entry(feed=feed, seq=2, type="resident", id=record_id, rev=2, values=values, **facts),
        Entry(feed=feed, seq=3, type="spaceship", id="s1", rev=3, values={"name": "x"}, **facts),
    ]

    with one.database.write(None) as tx:
        apply_entries(tx, entries)

    assert one.see(record_id).extra == {"shoe_size": 42}
    kept = one.ask(lambda tx: tx.rows(text("SELECT kept FROM feed_record WHERE record_type = 'spaceship'")))
    assert "x" in kept[0].kept


def test_a_station_founded_offline_joins_with_all_it_did(new_counter, district, two):
    early = new_counter()
    record_id = early.register()

    early.join(district)
    assert early.sync().ok
    two.sync()

    assert two.see(record_id).name == "葛守成"


def test_a_code_of_another_station_is_refused_and_not_used_up(one, district, new_counter):
    code = district.code(station=OTHER)

    with pytest.raises(ProblemAnswer) as caught:
        enrol(one.database, district.url, code, "窗口")

    assert caught.value.problem == "other_station"
    assert new_counter().join_with(district, code)


def test_revocation_locks_out_and_keeps_the_work(one, district):
    from app.district import accounts

    one.register()
    with district.store.write() as connection:
        accounts.revoke(
            connection,
            one.ask(lambda tx: tx.rows(text("SELECT value FROM local_state WHERE key = 'device_id'")))[0].value.strip(
                '"'
            ),
        )

    report = one.sync()

    assert (report.locked_out, report.error[0]) == (True, "sync.revoked")
    assert one.ask(outbox.sync_summary).queued == 1


def test_a_strangers_record_arrives_whole(one, district):
    stranger = district.client()
    record = resident(remark="从外面来")
    stranger.one(record)
    stranger.one(change("resident", record["id"], 1, mobile=("19900000003", "19900000009")))

    report = one.sync()

    assert report.ok
    assert (one.see(record["id"]).remark, one.see(record["id"]).mobile) == ("从外面来", "19900000009")


def test_conflicts_are_ordinary_records(one, two):
    record_id = one.register()
    for each in (one, two):
        each.sync()
    one.edit(record_id, mobile="19900000008")
    two.edit(record_id, mobile="19900000009")
    for each in (one, two, one):
        each.sync()
    [item] = one.ask(outbox.list_conflicts)

    one.act(lambda tx: tx.change(tx.session.get(Conflict, item.id), {"state": "settled"}), "conflict.settle")
    for each in (one, two):
        assert each.sync().ok

    assert two.ask(outbox.list_conflicts) == ()


def test_the_summary_counts_by_act(one):
    one.register()
    one.register("陆知夏")

    summary = one.ask(outbox.sync_summary)

    assert (summary.queued, summary.by_act) == (2, (("resident.register", 2),))
    assert summary.joined
    assert summary.oldest_at is not None


def test_an_act_too_large_for_one_push_goes_out_in_pieces_and_blocks_nothing(one, two):
    with one.database.write(CLERK) as tx:
        tx.act("resident.import")
        people = [Resident.model_validate({**RESIDENT, "remark": "记" * 480, "id": f"r{n}"}) for n in range(1200)]
        for person in people:
            tx.add(person)
    late = one.register("陆知夏")

    report = one.sync()
    two.sync()

    assert (report.ok, report.parked, report.held) == (True, 0, 0)
    assert two.see(late) is not None
    assert two.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident")))[0][0] == 1201
    assert two.sync().agreed is True
