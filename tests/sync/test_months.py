"""A month that two counters of a station close, and what the second sees of it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from app.db.database import Actor
from app.errors import NotFoundError, RuleError
from app.ledgers import SHARED
from app.models.month_close import MonthClose
from app.models.station import Station
from app.services.attachments import waiting_blobs
from app.services.outbox import list_parked
from app.services.withdrawing import withdraw
from app.sync.engine import SyncEngine, enrol
from tests.district.live import STATION, Live, running
from tests.factories import Factory
from tests.fixtures_db import STATION as FACTS
from tests.ledgers.month_desk import NOVEMBER, OCTOBER, MonthDesk, set_clock
from tests.sync.world import CLERK, Counter

OTHER = Actor("0198f3c2-7d10-7c3e-9a55-0000000000dd", "陶丽华", frozenset({"clerk", "supervisor"}))


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(f"sqlite:///{tmp_path / 'district.db'}") as found:
        yield found


@pytest.fixture
def counters(new_counter: Callable[[], Counter], live: Live) -> tuple[Counter, Counter]:
    """Return two counters that hold the same station with one referral and one registration of October."""
    set_clock(date(2026, 10, 20))
    made = []
    for name in ("窗口一", "窗口二"):
        counter = new_counter()
        enrol(counter.database, live.url, live.code("supervisor"), name)
        counter.engine = SyncEngine(counter.database)
        made.append(counter)
    one, two = made
    with one.database.write(CLERK) as tx:
        tx.act("station.edit")
        tx.add(Station.model_validate({**FACTS, "code": STATION}))
    with one.database.write(CLERK) as tx:
        make = Factory(tx)
        make.registration(make.resident(name="郑阿菊"))
        make.visit()
    settle(one, two)
    set_clock(date(2026, 11, 3))
    return one, two


def settle(*counters: Counter, runs: int = 2) -> None:
    for _round in range(runs):
        for each in counters:
            while (report := each.sync()).attachments_left:
                assert report.error is None
            assert (report.error, report.conflicts) == (None, 0)


def test_a_close_reaches_the_other_counter_whole_and_its_papers_are_the_same_bytes(
    counters: tuple[Counter, Counter], tmp_path: Path
) -> None:
    one, two = (MonthDesk(each.database, CLERK) for each in counters)
    one.close(OCTOBER)
    settle(*counters)

    there = MonthDesk(two.database, OTHER)
    set_clock(date(2026, 12, 24))
    here_files, there_files = one.files(tmp_path / "a", OCTOBER), there.files(tmp_path / "b", OCTOBER)

    assert counters[1].ask(waiting_blobs) == (0, 0)
    assert len(here_files) == 3 * len(SHARED)
    assert here_files == there_files
    with pytest.raises(RuleError, match="已由方静"):
        two.close(OCTOBER)


def test_what_has_not_come_yet_is_said_and_comes_with_the_next_sync(counters: tuple[Counter, Counter]) -> None:
    one, two = (MonthDesk(each.database, CLERK) for each in counters)
    one.close(OCTOBER)
    engine = counters[0].engine
    assert engine is not None
    engine._attachments.run = lambda *_args: 0  # type: ignore[method-assign]  # the line is too slow for attachments
    settle(*counters, runs=1)

    assert two.standing(OCTOBER).live
    with pytest.raises(NotFoundError, match="联网同步后再看"):
        two.rows("L02", OCTOBER)
    del engine._attachments.run
    settle(*counters)

    assert len(two.rows("L02", OCTOBER)) == 1


def test_of_two_closes_of_one_month_the_district_keeps_one_and_both_counters_show_it(
    counters: tuple[Counter, Counter], tmp_path: Path
) -> None:
    one, two = MonthDesk(counters[0].database, CLERK), MonthDesk(counters[1].database, OTHER)
    first, second = one.close(OCTOBER), two.close(OCTOBER)
    settle(*counters)

    [parked] = counters[1].ask(list_parked)
    assert (parked.act, parked.code) == ("month.close", "number_taken")
    assert "已经由本站另一台电脑结账" in (parked.text or "")
    assert (one.standing(OCTOBER).id, two.standing(OCTOBER).id) == (first, first)
    assert two.standing(OCTOBER).closed_name == "方静"
    assert one.files(tmp_path / "a", OCTOBER) == two.files(tmp_path / "b", OCTOBER)

    with counters[1].database.write(OTHER) as tx:
        withdraw(tx, parked.op)
    settle(*counters)

    assert counters[1].ask(list_parked) == ()
    assert two.standing(OCTOBER).id == first
    gone = counters[1].see(second, MonthClose)
    assert gone is None or gone.deleted_at is not None


def test_a_month_opened_again_on_one_counter_is_open_on_the_other_and_closes_there_as_the_next_round(
    counters: tuple[Counter, Counter],
) -> None:
    one, two = (MonthDesk(each.database, CLERK) for each in counters)
    one.close(OCTOBER)
    settle(*counters)
    one.reopen(OCTOBER, "补登记漏了")
    settle(*counters)
    before = two.standing(OCTOBER)
    two.close(OCTOBER)
    settle(*counters)

    assert (before.live, before.reopen_why) == (False, "补登记漏了")
    assert [(each.standing(OCTOBER).round, each.standing(OCTOBER).live) for each in (one, two)] == [(2, True)] * 2


def test_work_that_a_counter_had_not_sent_is_a_correction_of_the_next_month(
    counters: tuple[Counter, Counter],
) -> None:
    set_clock(date(2026, 10, 28))
    with counters[1].database.write(OTHER) as tx:
        make = Factory(tx)
        make.registration(make.resident(name="金晓棠"))
    set_clock(date(2026, 11, 3))
    one = MonthDesk(counters[0].database, CLERK)
    one.close(OCTOBER)
    settle(*counters)

    [line] = one.corrections("L02", NOVEMBER)
    assert (line.kind, line.happened, line.row.cells[0]) == ("came", date(2026, 10, 28), "金晓棠")
    assert len(one.rows("L02", OCTOBER)) == 1
