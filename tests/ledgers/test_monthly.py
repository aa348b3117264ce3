"""The classic national table: what it counts, by which day, and that nothing is lost at the turn of the year."""

from datetime import date, datetime, timedelta

from app import clock
from app.ledgers import ledger_named
from app.ledgers.base import Ask
from app.ledgers.making import cells
from app.ledgers.period import month_of
from app.services.registrations import active_registration, close_registration
from tests.factories import fictional_id

MONTHLY = ledger_named("YB")
DECEMBER = month_of(date(2026, 12, 1))
LAST_SECOND = datetime(2026, 12, 31, 23, 59, 59, tzinfo=clock.LOCAL_ZONE)


def table(tx, period, **filters):
    """Return {station's name: {column: figure}}."""
    rows = list(cells(tx, MONTHLY, Ask(period, **filters)))
    return {row[0]: dict(zip([each.key for each in MONTHLY.columns[1:]], row[1:], strict=True)) for row in rows}


def figures(tx, period, **filters):
    (found,) = table(tx, period, **filters).values()
    return {key: figure for key, figure in found.items() if figure}


def test_a_station_without_any_work_stands_there_with_zeros(tx):
    found = table(tx, month_of(clock.today()))

    assert found == {"溪桥社区就业服务站": dict.fromkeys((each.key for each in MONTHLY.columns[1:]), 0)}


def test_each_station_has_its_row_and_is_found_by_its_code(tx, make):
    make.station()
    there = make.vacancy(openings=7)
    there.station_code = "310110008001"
    tx.flush()

    found = table(tx, month_of(clock.today()))

    assert {name: row["offered"] for name, row in found.items()} == {"溪桥社区就业服务站": 0, "乐业空间": 7}
    assert list(table(tx, month_of(clock.today()), stations=("310110008001",))) == ["乐业空间"]


def test_seekers_are_counted_once_by_their_true_day_and_by_kind(tx, make):
    laid_off, youth, mover = make.resident(), make.resident(), make.resident()
    woman = make.resident(id_no=fictional_id("19790425", 998), name="冯巧云")
    certificate = [{"type": "2", "name": "电工", "level": "L3", "no": "0000000001"}]
    for person, kind, certs in ((laid_off, "6", certificate), (youth, "3", []), (mover, "2", []), (woman, "4", [])):
        row = make.registration(person, person_class=kind, certs=certs)
        row.reg_date = date(2026, 12, 31)
    end_registration(tx, youth)
    again = make.registration(youth, person_class="1")
    again.reg_date = date(2026, 12, 1)
    late = make.registration(make.resident())
    late.reg_date = date(2027, 1, 1)
    tx.flush()

    assert figures(tx, DECEMBER) == {
        "seeks": 4,
        "seeks_female": 1,
        "seeks_laid_off": 1,
        "seeks_unemployed": 2,
        "seeks_qualified": 1,
    }
    assert figures(tx, DECEMBER.next())["seeks"] == 1


def end_registration(tx, person):
    close_registration(tx, active_registration(tx, person.id).id, "40")


def test_success_counts_in_the_month_of_its_outcome_december_kept_and_a_person_once(tx, make):
    person, void, open_one = make.resident(), make.resident(), make.resident()
    slips = [make.referral(resident=person), make.referral(resident=person)]
    voided, undecided = make.referral(resident=void), make.referral(resident=open_one)
    for slip in (*slips, voided, undecided):
        slip.issued_at = datetime(2026, 11, 30, 9, tzinfo=clock.LOCAL_ZONE)
        slip.reply_at, slip.outcome, slip.onboard_date = LAST_SECOND, "1", date(2027, 1, 4)
    voided.state, undecided.outcome = "60", "7"
    tx.flush()

    november, january = DECEMBER.before(), DECEMBER.next()

    assert "placed" not in figures(tx, november)
    assert (figures(tx, DECEMBER)["placed"], figures(tx, DECEMBER)["placed_unemployed"]) == (1, 1)
    assert figures(tx, january) == {}

    slips[1].reply_at = LAST_SECOND + timedelta(seconds=1)
    tx.flush()
    assert [figures(tx, period).get("placed") for period in (DECEMBER, january)] == [1, 1]


def test_guidance_counts_people_and_the_offer_counts_places(tx, make):
    person = make.resident()
    for _n in range(2):
        make.guidance(person)
    make.vacancy(openings=3)
    make.vacancy(openings=4, published=False)
    tx.flush()

    found = figures(tx, month_of(clock.today()))

    assert (found["guided"], found["offered"]) == (1, 7)


def test_what_was_deleted_does_not_count_and_filters_narrow_people_not_places(tx, make, actor):
    here, there = make.resident(live_region="330110012"), make.resident(live_region="330110001")
    make.registration(here)
    make.registration(there)
    tx.remove(make.registration(make.resident()), "重复")
    make.vacancy(openings=5)
    tx.flush()

    month = month_of(clock.today())

    assert figures(tx, month) == {"offered": 5, "seeks": 2, "seeks_unemployed": 2}
    assert figures(tx, month, community="330110012") == {"offered": 5, "seeks": 1, "seeks_unemployed": 1}
    assert figures(tx, month, officer="nobody") == {}


def test_a_station_founded_later_is_not_in_the_table_of_a_month_before_unless_it_has_rows(tx, make):
    long_ago = month_of(date(2020, 1, 1))
    before = table(tx, long_ago)
    make.registration().reg_date = date(2020, 1, 31)
    tx.flush()

    assert (before, len(table(tx, long_ago))) == ({}, 1)
