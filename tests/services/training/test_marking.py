"""Roll call: one mark a person; what stands, what is kept, what is refused with a sentence."""

from datetime import timedelta

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, NotAllowedError, NotFoundError, RuleError
from app.models.marks import Mark, credited, enough, standing_of
from app.models.training import Enrolment, Lesson, TrainingClass
from app.services.training import calendar, classes, enrolments, grid, marking
from app.services.training.grid import load_grid
from app.services.training.marking import MarkInput
from tests.factories import Factory

RULE = {"attend_percent": 80, "late_minutes": 30, "hour_minutes": 45}


def room(
    make: Factory, people: int = 2, lessons: int = 1, back: int = 0
) -> tuple[TrainingClass, list[Lesson], list[Enrolment]]:
    row = make.training_class(lessons=lessons, start_on=clock.today() - timedelta(days=back))
    signed = [make.enrolment(row) for _n in range(people)]
    classes.open_class(make.tx, row.id, why="照开")
    make.tx.flush()
    return row, make.lessons(row), signed


def cell(tx: Transaction, row: TrainingClass, lesson: Lesson, person: Enrolment) -> grid.Cell | None:
    tx.flush()
    found = next(each for each in load_grid(tx, row.id).people if each.id == person.id)
    return found.cells.get(lesson.id)


def test_a_mark_stands_and_keeps_how_it_was_made(tx: Transaction, make: Factory) -> None:
    row, (lesson,), (person, _other) = room(make)

    made = marking.mark(tx, lesson.id, person.id, "2", minutes=10, signed_at="13:40", way="2")

    assert made is not None
    assert (made.entry, made.signed_on, made.marked_by_name) == ("1", clock.today(), "陶丽华")
    shown = cell(tx, row, lesson, person)
    assert shown is not None
    assert (shown.mark, shown.minutes, shown.sent, shown.disagree) == ("2", 10, False, False)


def test_on_the_day_a_mark_is_replaced_freely_and_the_old_one_is_kept(tx: Transaction, make: Factory) -> None:
    row, (lesson,), (person, _other) = room(make)
    marking.mark(tx, lesson.id, person.id, "0")
    marking.mark(tx, lesson.id, person.id, "1")

    shown = cell(tx, row, lesson, person)

    assert shown is not None
    assert (shown.mark, shown.count) == ("1", 2)
    assert [(line.mark, line.stands) for line in grid.list_trail(tx, lesson.id, person.id)] == [
        ("1", True),
        ("0", False),
    ]


def test_the_same_key_twice_is_one_mark(tx: Transaction, make: Factory) -> None:
    row, (lesson,), (person, _other) = room(make)
    marking.mark(tx, lesson.id, person.id, "1")

    assert marking.mark(tx, lesson.id, person.id, "1") is None
    assert cell(tx, row, lesson, person).count == 1  # type: ignore[union-attr]


def test_the_rest_is_marked_at_once_and_taken_back_at_once(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        row, (lesson,), (person, *_rest) = room(Factory(tx), people=5)
        class_id, lesson_id, person_id = row.id, lesson.id, person.id
    with database.write(actor) as tx:
        marking.mark(tx, lesson_id, person_id, "4")

    with database.write(actor) as tx:
        count = marking.mark_rest(tx, lesson_id)
    with database.read() as tx:
        full = load_grid(tx, class_id)
    with database.write(actor) as tx:
        grid.undo_mark(tx, lesson_id)
    with database.read() as tx:
        after = load_grid(tx, class_id)

    assert count == 4
    assert full.tally(lesson_id) == {"1": 4, "4": 1}
    assert full.missing_in(lesson_id) == ()
    assert after.tally(lesson_id) == {"4": 1}
    assert len(after.missing_in(lesson_id)) == 4


def test_undo_lets_the_mark_before_stand_again(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        row, (lesson,), (person, *_rest) = room(Factory(tx))
        class_id, lesson_id, person_id = row.id, lesson.id, person.id
    for code in ("1", "0"):
        with database.write(actor) as tx:
            marking.mark(tx, lesson_id, person_id, code)

    with database.write(actor) as tx:
        grid.undo_mark(tx, lesson_id)

    with database.read() as tx:
        found = next(each for each in load_grid(tx, class_id).people if each.id == person_id)
        trail = grid.list_trail(tx, lesson_id, person_id)
    assert found.cells[lesson_id].mark == "1"
    assert [(line.mark, line.taken_back) for line in trail] == [("0", True), ("1", False)]
    with database.write(actor) as tx:
        grid.undo_mark(tx, lesson_id)
    with pytest.raises(RuleError, match="没有可以撤销的点名"), database.write(actor) as tx:
        grid.undo_mark(tx, lesson_id)


def test_after_the_lesson_a_change_is_a_correction_with_a_reason(tx: Transaction, make: Factory) -> None:
    row, (lesson,), (person, other) = room(make, back=1)
    marking.mark(tx, lesson.id, person.id, "0")

    with pytest.raises(RuleError, match="要改就写原因更正"):
        marking.mark(tx, lesson.id, person.id, "1")
    with pytest.raises(InvalidInputError):
        marking.correct(tx, lesson.id, person.id, "1", "")
    with pytest.raises(RuleError, match="直接补录"):
        marking.correct(tx, lesson.id, other.id, "1", "漏点")
    made = marking.correct(tx, lesson.id, person.id, "2", "签到表上有名字，晚来 20 分钟", minutes=20)

    assert (made.entry, made.corrects is not None) == ("4", True)
    shown = cell(tx, row, lesson, person)
    assert shown is not None
    assert (shown.mark, shown.count) == ("2", 2)


def test_a_paper_sheet_is_keyed_in_with_its_true_date(tx: Transaction, make: Factory) -> None:
    row, lessons, people = room(make, people=3, lessons=2, back=3)
    sheet = {people[0].id: MarkInput("1", signed_at="13:25", way="1"), people[1].id: MarkInput("3", 40)}

    count = marking.enter_sheet(tx, lessons[0].id, sheet)
    again = marking.enter_sheet(tx, lessons[0].id, {people[0].id: MarkInput("1"), people[1].id: MarkInput("0")})

    assert (count, again) == (2, 1)
    line = grid.list_trail(tx, lessons[0].id, people[0].id)[0]
    assert (line.entry, line.signed_on, line.signed_at, line.way) == ("2", lessons[0].held_on, "13:25", "1")
    assert clock.to_local(line.marked_at).date() == clock.today()
    assert cell(tx, row, lessons[0], people[1]).mark == "0"  # type: ignore[union-attr]
    with pytest.raises(InvalidInputError):
        marking.enter_sheet(tx, lessons[0].id, sheet, signed_on=clock.today() + timedelta(days=1))


def test_making_up_a_sign_in_needs_its_reason(tx: Transaction, make: Factory) -> None:
    row, (lesson,), (person, _other) = room(make, back=1)
    marking.mark(tx, lesson.id, person.id, "0")

    with pytest.raises(InvalidInputError):
        marking.make_up(tx, lesson.id, person.id, "")
    made = marking.make_up(tx, lesson.id, person.id, "忘了签，同桌作证", signed_at="13:30")

    assert (made.mark, made.entry, made.why) == ("1", "3", "忘了签，同桌作证")
    assert cell(tx, row, lesson, person).mark == "1"  # type: ignore[union-attr]


@pytest.mark.parametrize(("mark", "minutes", "field"), [("1", 5, "minutes"), ("9", None, "mark")])
def test_a_mark_that_cannot_be_is_told_by_field(
    tx: Transaction, make: Factory, mark: str, minutes: int | None, field: str
) -> None:
    _row, (lesson,), (person, _other) = room(make)

    with pytest.raises(InvalidInputError) as problem:
        marking.mark(tx, lesson.id, person.id, mark, minutes=minutes)

    assert field in problem.value.fields


def test_a_cancelled_lesson_takes_no_mark(tx: Transaction, make: Factory) -> None:
    _row, lessons, (person, _other) = room(make, lessons=2)
    calendar.cancel_lesson(tx, lessons[0].id, "停电")
    tx.flush()

    with pytest.raises(RuleError, match="第 1 课取消了，不能点名；补课请另排一次"):
        marking.mark(tx, lessons[0].id, person.id, "1")


def test_a_cancelled_class_takes_no_mark(tx: Transaction, make: Factory) -> None:
    row, (lesson,), (person, _other) = room(make)
    classes.cancel_class(tx, row.id, "教师生病")

    with pytest.raises(RuleError, match="取消了，不能点名"):
        marking.mark(tx, lesson.id, person.id, "1")


def test_a_lesson_to_come_takes_no_mark_and_the_sentence_names_the_clock(tx: Transaction, make: Factory) -> None:
    _row, lessons, (person, _other) = room(make, lessons=2)

    with pytest.raises(RuleError, match="还没到。今天是"):
        marking.mark(tx, lessons[1].id, person.id, "1")


def test_who_is_not_on_the_list_or_has_left_is_told_so(tx: Transaction, make: Factory) -> None:
    _row, (lesson,), (person, _other) = room(make)
    stranger = make.enrolment()
    enrolments.drop(tx, person.id, "01")
    tx.flush()

    with pytest.raises(NotFoundError, match="临时签到"):
        marking.mark(tx, lesson.id, stranger.id, "1")
    with pytest.raises(RuleError, match="已经退班"):
        marking.mark(tx, lesson.id, person.id, "1")


def test_a_walk_in_is_a_row_of_her_own_and_comes_once_a_lesson(tx: Transaction, make: Factory) -> None:
    row, (lesson,), _people = room(make)

    come = marking.walk_in(tx, lesson.id, "周素琴", phone="19900000011")
    tx.flush()

    last = load_grid(tx, row.id).people[-1]
    assert (last.name, last.phone, last.walk_in, last.cells[lesson.id].mark) == ("周素琴", "19900000011", True, "1")
    with pytest.raises(RuleError, match="已经记过"):
        marking.walk_in(tx, lesson.id, "周素琴", walk_in_id=come.walk_in_id)
    with pytest.raises(InvalidInputError):
        marking.walk_in(tx, lesson.id, "  ")


def test_a_trainer_marks_her_class_and_no_other(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        _row, (lesson,), (person, _other) = room(Factory(tx))
        lesson_id, person_id = lesson.id, person.id

    with database.write(Actor("t-1", "何蔚", frozenset({"trainer"}))) as tx:
        made = marking.mark(tx, lesson_id, person_id, "1")
        assert made is not None
        assert made.marked_by_name == "何蔚"
    for attempt in (
        lambda tx: marking.mark(tx, lesson_id, person_id, "0"),
        lambda tx: marking.mark_rest(tx, lesson_id),
    ):
        with pytest.raises(NotAllowedError), database.write(Actor("t-2", "林岚", frozenset({"trainer"}))) as tx:
            attempt(tx)


def made_mark(mark_id: str, code: str, *, corrects: str | None = None, rev: int = 0) -> Mark:
    return Mark(mark_id, "lesson", "person", code, None, "1", corrects, rev)


def test_of_marks_made_unaware_of_each_other_the_districts_latest_stands_and_it_shows() -> None:
    counter, laptop = made_mark("b", "1", rev=7), made_mark("a", "0", rev=9)

    found = standing_of([counter, laptop])

    assert (found.mark.id, found.tries, found.disagree) == ("a", 2, True)


def test_what_corrected_another_stands_whatever_the_ids_and_an_unsent_mark_is_later_than_all() -> None:
    first, second = made_mark("z", "0"), made_mark("a", "1", corrects="z")
    sent = made_mark("y", "0", rev=99)

    assert standing_of([first, second]).mark.id == "a"
    assert standing_of([sent, made_mark("x", "1")]).mark.id == "x"
    assert not standing_of([first, second]).disagree


@pytest.mark.parametrize(
    ("mark", "minutes", "worth"),
    [
        *(("1", None, 4), ("4", None, 0), ("0", None, 0), ("2", None, 4), ("2", 30, 4)),
        *(("2", 31, 3), ("3", 45, 3), ("2", 50, 2.5), ("2", 240, 0)),
    ],
)
def test_what_a_mark_is_worth(mark: str, minutes: int | None, worth: float) -> None:
    assert credited(4, mark, minutes, RULE) == worth


def test_eighty_per_cent_is_exact() -> None:
    assert enough(32, 40, 80)
    assert not enough(31.5, 40, 80)
    assert not enough(0, 0, 80)
