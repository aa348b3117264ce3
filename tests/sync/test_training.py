"""One class on three machines: two counters and a laptop, offline, then synced. Nothing is asked, nothing is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app import clock
from app.db.database import Actor
from app.models.registry import RECORD_TYPES
from app.models.resident import Resident
from app.paths import DataFolder
from app.services.training import calendar, classes, completion, enrolments, grid, listing, marking, rosters
from app.sync.engine import SyncEngine
from app.sync.joining import join_district
from tests.district.live import Live
from tests.factories import Factory
from tests.sync import world
from tests.sync.world import CLERK, Counter

TRAINER = Actor("t-local", "何蔚", frozenset({"trainer"}))


@pytest.fixture
def laptop(new_counter: Callable[[], world.Counter], district: Live) -> Counter:
    """Return a trainer's laptop, joined."""
    return new_counter().join(district, role="trainer")


def do(counter: Counter, act: Callable[[Any], Any], actor: Actor = CLERK) -> Any:
    with counter.database.write(actor) as tx:
        return act(tx)


def ask(counter: Counter, question: Callable[[Any], Any], actor: Actor = CLERK) -> Any:
    with counter.database.write(actor) as tx:
        return question(tx)


def prepare(one: Counter, people: int = 3, lessons: int = 2) -> tuple[str, list[str], list[str]]:
    """Make a class that has begun; return its id, its lessons' and its people's."""
    with one.database.write(CLERK) as tx:
        make = Factory(tx)
        row = make.training_class(lessons=lessons)
        signed = [make.enrolment(row).id for _n in range(people)]
        classes.open_class(tx, row.id, why="照开")
        return row.id, [lesson.id for lesson in make.lessons(row)], signed


def settle(*counters: Counter) -> None:
    for _round in range(2):
        for each in counters:
            report = each.sync()
            assert (report.error, report.parked, report.conflicts) == (None, 0, 0)
            assert report.agreed


def standing(counter: Counter, class_id: str) -> dict[tuple[str, str], tuple[str, int, bool]]:
    found = ask(counter, lambda tx: grid.load_grid(tx, class_id))
    return {
        (person.id, lesson): (cell.mark, cell.count, cell.disagree)
        for person in found.people
        for lesson, cell in person.cells.items()
    }


def test_a_laptop_and_two_counters_mark_one_lesson_offline_and_merge_without_a_question(
    one: Counter, two: Counter, laptop: Counter
) -> None:
    class_id, (lesson, _later), (ann, ben, cora) = prepare(one)
    settle(one, two, laptop)

    do(laptop, lambda tx: marking.mark(tx, lesson, ann, "1"), TRAINER)
    do(laptop, lambda tx: marking.mark(tx, lesson, ben, "2", minutes=10), TRAINER)
    do(one, lambda tx: marking.mark(tx, lesson, ben, "0"))
    do(two, lambda tx: marking.mark(tx, lesson, cora, "4"))
    do(two, lambda tx: marking.mark(tx, lesson, ben, "1"))
    settle(one, two, laptop)

    seen = [standing(each, class_id) for each in (one, two, laptop)]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][ann, lesson] == ("1", 1, False)
    assert seen[0][cora, lesson] == ("4", 1, False)
    # The counter's reached the district first, the second counter's next, the laptop's last: that one stands.
    assert seen[0][ben, lesson] == ("2", 3, True)
    assert ask(one, lambda tx: tx.rows(text("SELECT count(*) FROM conflict")))[0][0] == 0
    assert [line.mark for line in ask(one, lambda tx: grid.list_trail(tx, lesson, ben))] == ["2", "1", "0"]


def test_two_laptops_and_a_counter_mark_one_lesson_offline_and_all_agree(
    one: Counter, two: Counter, laptop: Counter, new_counter: Callable[[], Counter], district: Live
) -> None:
    other = new_counter().join(district, role="trainer")
    class_id, (lesson, _later), (ann, ben, cora) = prepare(one)
    settle(one, two, laptop, other)

    do(laptop, lambda tx: marking.mark(tx, lesson, ann, "1"), TRAINER)
    do(laptop, lambda tx: marking.mark(tx, lesson, ben, "2", minutes=10), TRAINER)
    do(other, lambda tx: marking.mark(tx, lesson, ben, "0"), TRAINER)
    do(other, lambda tx: marking.mark_rest(tx, lesson), TRAINER)
    do(one, lambda tx: marking.mark(tx, lesson, ben, "4"))
    do(one, lambda tx: marking.mark(tx, lesson, cora, "0"))
    settle(other, one, laptop, two)

    machines = (one, two, laptop, other)
    seen = [standing(each, class_id) for each in machines]
    assert all(each == seen[0] for each in seen)
    # The second laptop reached the district first, then the counter, then the first laptop: what came last stands.
    assert seen[0][ben, lesson] == ("2", 3, True)
    assert seen[0][cora, lesson] == ("0", 2, True)
    assert seen[0][ann, lesson] == ("1", 2, False)
    trails = [[line.mark for line in ask(each, lambda tx: grid.list_trail(tx, lesson, ben))] for each in machines]
    assert trails == [["2", "4", "0"]] * 4
    kept = [ask(each, lambda tx: tx.rows(text("SELECT count(*) FROM attendance")))[0][0] for each in machines]
    assert kept == [7] * 4
    asked = [ask(each, lambda tx: tx.rows(text("SELECT count(*) FROM conflict")))[0][0] for each in (one, two)]
    assert asked == [0, 0]


def test_a_correction_made_knowing_the_mark_stands_everywhere(one: Counter, two: Counter, laptop: Counter) -> None:
    class_id, (lesson, _later), (ann, *_rest) = prepare(one)
    settle(one, two, laptop)
    do(laptop, lambda tx: marking.mark(tx, lesson, ann, "0"), TRAINER)
    settle(laptop, one, two)

    do(two, lambda tx: marking.correct(tx, lesson, ann, "2", "签到表上有名字", minutes=20))
    settle(two, one, laptop)

    assert {standing(each, class_id)[ann, lesson] for each in (one, two, laptop)} == {("2", 2, False)}


def test_an_undo_on_the_laptop_is_undone_everywhere(one: Counter, two: Counter, laptop: Counter) -> None:
    class_id, (lesson, _later), people = prepare(one)
    settle(one, two, laptop)
    do(laptop, lambda tx: marking.mark(tx, lesson, people[0], "4"), TRAINER)
    do(laptop, lambda tx: marking.mark_rest(tx, lesson), TRAINER)
    settle(laptop, one, two)

    do(laptop, lambda tx: grid.undo_mark(tx, lesson), TRAINER)
    settle(laptop, one, two)

    assert {tuple(standing(each, class_id).items()) for each in (one, two, laptop)} == {
        (((people[0], lesson), ("4", 1, False)),)
    }


def test_scores_and_notes_from_the_laptop_reach_the_counter_that_ends_the_class(one: Counter, laptop: Counter) -> None:
    class_id, (lesson,), people = prepare(one, lessons=1)
    settle(one, laptop)
    do(laptop, lambda tx: marking.mark_rest(tx, lesson), TRAINER)
    for person in people:
        do(laptop, lambda tx, person=person: completion.assess(tx, person, {"theory": 90, "practice": 70}), TRAINER)
    do(laptop, lambda tx: calendar.add_note(tx, lesson, "讲了灶具清洁"), TRAINER)
    settle(laptop, one)

    found = do(one, lambda tx: completion.finish_class(tx, class_id))
    settle(one, laptop)

    assert found.passed_count == 3
    assert [line.state for line in ask(laptop, listing.list_classes, TRAINER)] == ["40"]


def test_a_laptop_holds_names_and_a_contact_line_and_nothing_of_a_file(one: Counter, laptop: Counter) -> None:
    class_id, _lessons, _people = prepare(one)
    with one.database.read() as tx:
        secrets = tx.rows(select(Resident.id_no, Resident.live_addr))
    settle(one, laptop)

    roster = ask(laptop, lambda tx: rosters.list_roster(tx, class_id), TRAINER)

    assert len(roster) == 3
    assert all(line.name and line.phone and line.resident_id is None for line in roster)
    with laptop.database.read() as tx:
        for kind in RECORD_TYPES:
            count = tx.rows(text(f"SELECT count(*) FROM {kind.model.__tablename__}"))[0][0]
            assert (count > 0) <= (kind.feed == "training"), kind.name
        dump = "\n".join(
            repr(row)
            for table in ("operation_edit", "feed_record", "enrolment", "training_class", "server_row")
            for row in tx.rows(text(f"SELECT * FROM {table}"))
        )
    assert secrets
    assert not [secret for pair in secrets for secret in pair if secret and secret in dump]


def test_two_counters_plan_and_sign_up_offline_and_every_line_is_kept(one: Counter, two: Counter) -> None:
    class_id, _lessons, people = prepare(one, people=1)
    settle(one, two)

    do(
        one,
        lambda tx: calendar.plan_lessons(tx, class_id, [calendar.PlannedLesson(clock.today(), "08:00", "09:00", 1.0)]),
    )
    do(
        two,
        lambda tx: calendar.plan_lessons(tx, class_id, [calendar.PlannedLesson(clock.today(), "18:00", "19:00", 1.0)]),
    )
    for each in (one, two, one, two):
        each.sync()

    seen = [[line.id for line in ask(each, lambda tx: calendar.list_lessons(tx, class_id))] for each in (one, two)]
    assert sorted(seen[0]) == sorted(seen[1])
    assert len(seen[0]) == 4
    assert [line.id for line in ask(two, lambda tx: rosters.list_roster(tx, class_id))] == people


def test_a_laptop_that_joins_writes_no_list_of_staff(tmp_path: Path, district: Live) -> None:
    joined = join_district(
        DataFolder(tmp_path / "laptop"),
        district.url,
        district.code("trainer"),
        name="何蔚",
        pin="480317",
        device="教室",
    )

    engine = SyncEngine(joined.counter.database)
    report = engine.run_once()
    engine.close()
    assert joined.counter.actor.roles == frozenset({"trainer"})
    assert (report.error, report.parked) == (None, 0)
    with joined.counter.database.read() as tx:
        assert tx.rows(text("SELECT count(*) FROM operation"))[0][0] == 0
    joined.counter.database.close()


def test_two_counters_offline_never_oversell_and_both_tell_their_people(one: Counter, two: Counter) -> None:
    with one.database.write(CLERK) as tx:
        class_id = Factory(tx).training_class(seats=1).id
    for each in (one, two):
        assert each.sync().ok
    names = {}
    for counter in (one, two):
        with counter.database.write(CLERK) as tx:
            person = Factory(tx).resident(emp_status="21")
            names[counter] = enrolments.enrol(tx, class_id, person.id).id

    for each in (two, one, two, one):
        assert each.sync().ok

    for counter in (one, two):
        with counter.database.read() as tx:
            lines = {line.id: line.seat_text for line in rosters.list_roster(tx, class_id)}
            told = {each.enrolment_id: each.texts for each in rosters.list_to_tell(tx)}
        assert lines == {names[two]: "已确认", names[one]: "候补"}
        assert told[names[two]][0].startswith("名额确认了")
        assert told[names[one]][0].startswith("人满了，排在候补")
    drop_and_move_up(one, two, class_id, names)


def drop_and_move_up(one: Counter, two: Counter, class_id: str, names: dict[Counter, str]) -> None:
    with two.database.write(CLERK) as tx:
        rosters.note_told(tx, list(names.values()))
    with two.database.write(CLERK) as tx:
        enrolments.drop(tx, names[two], "01")
        assert classes.edit_class(tx, class_id, {"seats": 1}).seats == 1
    for each in (two, one, two):
        assert each.sync().ok
    with one.database.read() as tx:
        told = rosters.list_to_tell(tx)
    assert [(each.enrolment_id, each.texts[0][:5]) for each in told] == [(names[one], "名额确认了")]
