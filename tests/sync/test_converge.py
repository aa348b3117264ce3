"""Random days at three counters on a bad line: in the end all hold the same, and nothing acknowledged is gone."""

import random

import pytest
from sqlalchemy import text

from app.models.resident import Resident
from app.services import outbox
from app.services.unsent import unsent_changes

CALLS = ("status", "push", "pull", "digest")
FIELDS = ("mobile", "school", "remark", "live_addr")


def rows(counter):
    fields = ", ".join(("id", "rev", "name", "deleted_at", *FIELDS))
    return counter.ask(lambda tx: [tuple(row) for row in tx.rows(text(f"SELECT {fields} FROM resident ORDER BY id"))])


def act(dice, counter, ids):
    live = [each for each in ids if counter.see(each) is not None and counter.see(each).deleted_at is None]
    choice = dice.random()
    if choice < 0.25 or not live:
        ids.append(counter.register(dice.choice(["沈以安", "陆知夏", "冯巧云"])))
    elif choice < 0.9:
        field = dice.choice(FIELDS)
        value = f"199{dice.randrange(10**8):08d}" if field == "mobile" else f"第{dice.randrange(1000)}号"
        if dice.random() < 0.08:
            value = "长" * 600  # the district refuses it
        counter.edit(dice.choice(live), **{field: value})
    else:
        record_id = dice.choice(live)
        counter.act(lambda tx: tx.remove(tx.session.get(Resident, record_id), "错录"), "resident.remove")


def trouble(dice, counter):
    if dice.random() < 0.4:
        getattr(counter.line, dice.choice(["cut", "lose_reply"]))[dice.choice(CALLS)] = 1
    if dice.random() < 0.1:
        counter.reopen()


@pytest.mark.parametrize("seed", range(6))
def test_three_counters_on_a_bad_line_converge(new_counter, district, seed):
    dice = random.Random(seed)
    counters = [new_counter().join(district) for _n in range(3)]
    for counter in counters:
        counter.engine._page = dice.choice([2, 7, 500])
    ids: list[str] = []

    for _step in range(70):
        counter = dice.choice(counters)
        if dice.random() < 0.7:
            act(dice, counter, ids)
        else:
            trouble(dice, counter)
            counter.sync()
    for counter in counters:
        counter.line.cut.clear()
        counter.line.lose_reply.clear()
    for counter in counters * 2:
        report = counter.sync()
        assert report.error is None, report
        assert report.agreed is True
        assert report.repaired == 0

    for counter in counters:
        assert counter.ask(outbox.sync_summary).queued == 0
        assert counter.ask(outbox.sync_summary).held == 0
    _same_but_for_what_is_parked(counters)
    _nothing_is_lost(district)


def _same_but_for_what_is_parked(counters):
    parked = [counter.ask(unsent_changes) for counter in counters]
    own = {record_id for waiting in parked for _kind, record_id in waiting}
    views = [[row for row in rows(counter) if row[0] not in own] for counter in counters]
    assert views[0] == views[1] == views[2]
    for counter, waiting in zip(counters, parked, strict=True):
        for (_kind, record_id), fields in waiting.items():
            for name, value in fields.items():
                assert getattr(counter.see(record_id), name) == value


def _nothing_is_lost(district):
    from app.district.verify import verify

    with district.store.read() as connection:
        assert verify(connection).faults == ()
