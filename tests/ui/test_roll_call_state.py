"""What the roll call decides without a window: which lesson, whose turn, who is near the line."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app import clock
from app.db.database import Transaction
from app.services.training import classes, marking
from app.services.training.grid import Grid, load_grid
from app.ui.roll_call import state
from tests.factories import Factory


def room(make: Factory, *, lessons: int = 5, back: int = 2, people: int = 3) -> Grid:
    """Return the grid of a running class whose lesson of today is number ``back + 1``."""
    row = make.training_class(lessons=lessons, start_on=clock.today() - timedelta(days=back))
    for _n in range(people):
        make.enrolment(row)
    classes.open_class(make.tx, row.id, why="照开")
    make.tx.flush()
    return load_grid(make.tx, row.id)


def test_todays_lesson_is_chosen_else_the_last_one_held(tx: Transaction, make: Factory) -> None:
    grid = room(make)
    today = clock.today()

    def chosen(on: date, wanted: str | None = None) -> int:
        lesson = state.lesson_to_open(grid, on, wanted)
        assert lesson is not None
        return lesson.number

    assert chosen(today) == 3
    assert chosen(today + timedelta(days=9)) == 5
    assert chosen(today - timedelta(days=9)) == 1
    assert chosen(today, grid.lessons[4].id) == 5


def test_of_two_lessons_of_today_the_one_not_finished_is_chosen(tx: Transaction, make: Factory) -> None:
    grid = room(make, lessons=2, back=0, people=1)
    both = replace(grid, lessons=tuple(replace(each, held_on=clock.today()) for each in grid.lessons))
    marking.mark(tx, grid.lessons[0].id, grid.people[0].id, "1")
    tx.flush()
    called = replace(both, people=load_grid(tx, grid.class_id).people)

    assert state.lesson_to_open(both, clock.today()) == both.lessons[0]
    assert state.lesson_to_open(called, clock.today()) == both.lessons[1]


def test_the_turn_goes_to_who_has_no_mark_and_passes_over_who_is_not_called(tx: Transaction, make: Factory) -> None:
    people = list(room(make, people=5).people)
    people[2] = replace(people[2], waiting=True)
    marked = dict.fromkeys((each.id for each in people), False)

    def after(place: int, *done: int, was_marked: bool = False) -> int:
        known = {**marked, **{people[at].id: True for at in done}}
        return state.place_after(people, known, place, was_marked=was_marked)

    assert after(0, 0) == 1
    assert after(1, 0, 1) == 3
    assert after(4, 1, 3, 4) == 0
    assert after(4, 0, 1, 3, 4) == 4
    assert after(0, 0, 1, was_marked=True) == 1


@pytest.mark.parametrize(
    ("start_back", "words"), [(40, "60%，还能缺 1 次"), (4, "60%，结不了业了")], ids=["before", "after"]
)
def test_the_line_is_the_districts_of_the_first_day(
    tx: Transaction, make: Factory, start_back: int, words: str
) -> None:
    changed = clock.today() - timedelta(days=20)
    make.policy_param(key="training.attend_percent", value=50, effective_from=date(2026, 1, 1), effective_to=changed)
    make.policy_param(key="training.attend_percent", value=90, effective_from=changed + timedelta(days=1))
    tx.flush()
    grid = room(make, lessons=7, back=start_back, people=2)
    for lesson, code in zip(grid.lessons, "11001", strict=False):
        marking.enter_sheet(tx, lesson.id, {grid.people[0].id: marking.MarkInput(code)})
        marking.enter_sheet(tx, lesson.id, {grid.people[1].id: marking.MarkInput("1")})
    tx.flush()
    grid = load_grid(tx, grid.class_id)

    near = state.near_line([(each, each.progress) for each in grid.people])

    assert [(each.person_id, each.words) for each in near] == [(grid.people[0].id, words)]


def test_who_was_not_called_yet_today_does_not_fall_behind_for_it(tx: Transaction, make: Factory) -> None:
    grid = room(make, people=2)
    for lesson in grid.lessons[:2]:
        marking.enter_sheet(tx, lesson.id, {each.id: marking.MarkInput("1") for each in grid.people})
    marking.mark(tx, grid.lessons[2].id, grid.people[0].id, "1")
    tx.flush()
    grid = load_grid(tx, grid.class_id)
    waits = grid.people[1]

    shown = state.shown_progress(grid.lessons, waits.cells, grid.called, grid.rule, clock.today())

    assert (shown.percent, waits.progress.percent) == (100, 66)


def test_the_sheets_of_a_week_end_on_its_sunday(tx: Transaction, make: Factory) -> None:
    grid = room(make, lessons=20, back=2, people=1)
    today = clock.today()

    week = state.lessons_to_print(grid, grid.lessons[0], state.WEEK, today)
    ahead = state.lessons_to_print(grid, grid.lessons[0], state.AHEAD, today)

    assert [lesson.held_on for lesson in week] == [today + timedelta(days=n) for n in range(8 - today.isoweekday())]
    assert [lesson.number for lesson in ahead] == list(range(3, 21))
    assert state.lessons_to_print(grid, grid.lessons[0], state.THIS, today) == [grid.lessons[0]]
