"""Restored from a backup, the server or a counter: everything acknowledged comes back, nothing twice (promise 9)."""

import random
import shutil

import pytest
import sqlalchemy as sa
from sqlalchemy import text

from app.district import main as district_command
from app.district.verify import verify
from app.models.resident import Resident
from app.services import outbox
from app.services.unsent import unsent_changes
from tests.district.live import STATION
from tests.sync.test_converge import act, trouble
from tests.sync.test_grounds import fall_back, keep
from tests.sync.world import Counter

TABLES = (
    "device",
    "enrol_code",
    "received_op",
    "refused_record",
    "feed_head",
    "feed_entry",
    "record_head",
    "feed_digest",
    "district_fact",
    "station_key",
    "unique_value",
    "identity_mark",
    "place_claim",
    "ruling_cursor",
    "notice",
    "blob",
    "blob_piece",
)


def backup_of(district):
    """Return all the server's rows: what a dump of the night holds."""
    with district.store.read() as connection:
        meta = sa.MetaData()
        meta.reflect(connection, only=TABLES)
        return meta, {
            t.name: [dict(r) for r in connection.execute(sa.select(t)).mappings()] for t in meta.sorted_tables
        }


def restore(district, backup):
    """Put the server's database back to a backup, and tell it so by the command."""
    meta, rows = backup
    assert district.api.state.rulings.settle()  # an operator stops the server first
    with district.store.write() as connection:
        for table in reversed(meta.sorted_tables):
            connection.execute(sa.delete(table))
        for table in meta.sorted_tables:
            if rows[table.name]:
                connection.execute(sa.insert(table), rows[table.name])
    assert district_command.main(["new-epoch", "--database", district.database_url]) == 0


def people(counter):
    query = "SELECT id, rev, name, mobile, school, deleted_at FROM resident ORDER BY id"
    return counter.ask(lambda tx: [tuple(row) for row in tx.rows(text(query))])


def settle(*counters):
    for counter in counters * 2:
        report = counter.sync()
        assert report.error is None, report
        assert report.agreed is True


def faults(district):
    with district.store.read() as connection:
        return verify(connection).faults


def test_story_2_a_restored_server_gets_everything_again(one, two, district):
    early = one.register("沈以安")
    settle(one, two)
    night = backup_of(district)
    mine, theirs = one.register("陆知夏"), two.register("冯巧云")
    one.edit(early, mobile="19900000008")
    settle(one, two)
    two.edit(early, school="余杭中学")
    settle(two, one)
    before = [row[0:1] + row[2:] for row in people(one)]

    restore(district, night)
    report = one.sync()
    settle(two, one)

    assert (report.epoch_changed, report.sent_again, report.error) == (True, 2, None)
    assert people(one) == people(two)
    assert [row[0:1] + row[2:] for row in people(one)] == before
    assert {row[0] for row in before} == {early, mine, theirs}
    assert faults(district) == ()
    assert all(each.ask(outbox.sync_summary).queued == 0 for each in (one, two))


def test_story_3_nothing_is_deleted_because_a_restored_server_lacks_it(one, two, district):
    settle(one, two)
    night = backup_of(district)
    theirs = two.register("冯巧云")
    settle(two, one)

    restore(district, night)
    report = one.sync()

    assert report.ok
    assert one.see(theirs).name == "冯巧云"
    settle(two, one)
    assert people(one) == people(two)


def test_what_was_built_on_anothers_lost_edit_stands_again_without_a_question(one, two, district):
    record_id = one.register()
    settle(one, two)
    night = backup_of(district)
    two.edit(record_id, mobile="19900000007")
    settle(two, one)
    one.edit(record_id, mobile="19900000008")
    settle(one, two)

    restore(district, night)
    settle(two, one)

    assert one.see(record_id).mobile == two.see(record_id).mobile == "19900000008"
    assert one.ask(outbox.list_conflicts) == ()


def test_a_conflict_of_the_lost_days_is_a_conflict_again(one, two, district):
    record_id = one.register()
    settle(one, two)
    night = backup_of(district)
    one.edit(record_id, mobile="19900000007")
    two.edit(record_id, mobile="19900000008")
    settle(two, one)

    restore(district, night)
    settle(one, two)

    [item] = one.ask(outbox.list_conflicts)
    assert {item.ours["value"], item.theirs["value"]} == {"19900000007", "19900000008"}
    assert people(one) == people(two)


def test_acts_done_while_the_feeds_are_fetched_again_are_kept(one, two, district):
    record_id = one.register()
    settle(one, two)
    night = backup_of(district)
    two.edit(record_id, school="余杭中学")
    settle(two, one)
    restore(district, night)

    one.line.cut["pull"] = 1
    assert one.sync().error is not None
    one.edit(record_id, mobile="19900000009")
    one.reopen()
    settle(one, two, one)

    assert (one.see(record_id).mobile, one.see(record_id).school) == ("19900000009", "余杭中学")
    assert people(one) == people(two)


def test_the_server_restored_during_a_run_is_noticed_in_that_run(one, two, district):
    settle(one, two)
    night = backup_of(district)
    one.register("沈以安")
    settle(one)
    one.register("陆知夏")
    one.line.before["push"] = lambda: restore(district, night)

    report = one.sync()

    assert (report.ok, report.epoch_changed) == (True, True)
    settle(two)
    assert len(people(two)) == 2


def test_a_device_that_the_backup_does_not_know_enrols_again_and_sends_all(one, district, new_counter):
    settle(one)
    night = backup_of(district)
    late = new_counter().join(district)
    ids = [late.register(f"沈以{char}") for char in "安宁康"]
    settle(late, one)

    restore(district, night)
    assert late.sync().locked_out
    late.join(district)
    settle(late, one)

    assert {row[0] for row in people(one)} == set(ids)
    assert people(one) == people(late)
    assert all(row[1] > 0 for row in people(one))


def test_a_withdrawn_act_does_not_come_back_with_the_restored_server(one, two, district):
    settle(one, two)
    night = backup_of(district)
    bad = one.register("沈以安", id_no="330110197002189992", raw=True)
    one.sync()
    [parked] = one.ask(outbox.list_parked)
    one.edit(bad, id_no="330110197002189991")
    one.act(lambda tx: outbox.resend(tx, parked.op))
    settle(one, two)

    restore(district, night)
    settle(one, two)

    assert one.ask(outbox.sync_summary).parked == 0
    assert two.see(bad).id_no == "330110197002189991"
    assert faults(district) == ()


def test_a_number_that_both_have_lost_holds_nobody_up(one, two, district):
    first = one.register()
    one.sync()
    kept = keep(one)
    one.register("陆知夏")
    one.sync()
    night = backup_of(district)
    one.register("邹立")
    one.sync()
    fall_back(one, kept)
    one.sync()
    late = one.register("冯巧云")
    one.sync()
    restore(district, night)

    later = one.register("沈以安")
    report = one.sync()
    two.sync()

    assert (report.error, report.agreed) == (None, True)
    assert all(two.see(each) is not None for each in (first, late, later))
    assert one.ask(outbox.sync_summary).queued == 0


def test_a_counter_restored_from_its_own_backup_never_reuses_a_number(one, two, district, tmp_path):
    first = one.register("沈以安")
    settle(one, two)
    waiting = one.register("陆知夏")  # in the backup and not sent yet; sent afterwards
    one.database.close()
    shutil.copyfile(one.path, tmp_path / "backup.db")
    one.reopen()
    lost = one.register("冯巧云")
    one.edit(first, mobile="19900000008")
    settle(one, two)

    one.database.close()
    for end in ("", "-wal", "-shm"):
        one.path.with_name(one.path.name + end).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "backup.db", one.path)
    one.reopen()
    fresh = [one.register("范清和"), one.register("葛守正")]
    one.edit(fresh[0], school="余杭中学")
    settle(one, two)

    assert {row[0] for row in people(two)} == {first, waiting, lost, *fresh}
    assert people(one) == people(two)
    assert two.see(first).mobile == "19900000008"
    assert two.see(fresh[0]).school == "余杭中学"
    assert numbers(one) == sorted(set(numbers(one)))
    assert faults(district) == ()


def numbers(counter: Counter) -> list[int]:
    query = "SELECT seq FROM operation WHERE origin = 'local' ORDER BY seq"
    return counter.ask(lambda tx: [row.seq for row in tx.rows(text(query))])


def test_new_epoch_keeps_the_data(district, clerk):
    from tests.district.live import resident

    clerk.one(resident())
    before = clerk.everything()

    assert district_command.main(["new-epoch", "--database", district.database_url]) == 0

    status, problem = clerk.post("/v1/pull", {"epoch": clerk.epoch, "cursors": {}})
    assert (status, problem["code"]) == (409, "epoch_changed")
    clerk.epoch, clerk.cursors = problem["epoch"], {}
    assert clerk.everything() == before
    assert Resident.__tablename__ == "resident"
    assert clerk.heads()[f"station/{STATION}"] == 1


@pytest.mark.parametrize("seed", range(3))
def test_story_2_random_days_around_a_restored_server_lose_nothing(new_counter, district, seed):
    dice = random.Random(seed)
    counters = [new_counter().join(district) for _n in range(3)]
    settle(*counters)
    ids: list[str] = []
    night = backup_of(district)

    for step in range(60):
        counter = dice.choice(counters)
        if step == 25:
            night = backup_of(district)
        elif step == 45:
            restore(district, night)
        elif dice.random() < 0.7:
            act(dice, counter, ids)
        else:
            trouble(dice, counter)
            counter.sync()
    for counter in counters:
        counter.line.cut.clear()
        counter.line.lose_reply.clear()
    for counter in counters * 3:
        assert counter.sync().error is None
    settle(*counters)

    parked = [counter.ask(unsent_changes) for counter in counters]
    own = {record_id for waiting in parked for _kind, record_id in waiting}
    views = [[row for row in people(counter) if row[0] not in own] for counter in counters]
    assert views[0] == views[1] == views[2]
    assert {row[0] for row in people(counters[0])} | own >= set(ids)
    assert all(counter.ask(outbox.sync_summary).queued == 0 for counter in counters)
    assert faults(district) == ()
