"""The hall's screen: nobody on it, nothing clipped, nothing small to be read or worked out; it goes on by itself."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.errors import StorageError
from app.ledgers.base import Ask
from app.ledgers.board import Board, Cell, Memory, Point, Share, months_until
from app.ledgers.figures import Figure
from app.ledgers.indicators import INDICATORS, indicator
from app.ledgers.period import month_of
from app.ui import theme
from app.ui.charts import library
from app.ui.hall import state, window
from app.ui.hall.control import hall_of
from app.ui.hall.pen import LEAST_PX, unit_of
from app.ui.hall.state import HallView, hall_view
from app.ui.hall.window import HallWindow
from tests.factories import Factory
from tests.ui.desks import Desk
from tests.ui.whole_desktop import whole_desktop

SIZES = [(1920, 1080, False), (3840, 2160, True), (1280, 1024, False)]
Open = Callable[..., HallWindow]


@pytest.fixture
def desk(qapp: QApplication, database: Database, actor: Actor, tmp_path: Path) -> Iterator[Desk]:
    library.load()
    held = Desk(database, actor, tmp_path)
    yield held
    hall_of(held.runner).close()
    held.runner.close()


@pytest.fixture
def opened(desk: Desk, qtbot: QtBot) -> Open:
    """Open the hall's screen in a size and let it draw itself."""

    def make(width: int = 1920, height: int = 1080) -> HallWindow:
        hall = hall_of(desk.runner)
        hall.open(desk.context.station.name, screen=None, beside=False)
        assert hall.window is not None
        hall.window.showNormal()
        hall.window.resize(width, height)
        hall.window.finish()
        return hall.window

    return make


def write(desk: Desk, work: Callable[[Factory], object]) -> None:
    with desk.database.write(desk.actor) as tx:
        work(Factory(tx))


def words(shown: HallWindow) -> list[str]:
    """Return everything that stands on the screen, drawn, in charts and for those who hear it."""
    drawn = [each.words for part in shown.parts for each in part.written]
    charts = [said for part in shown.parts for said, _box, _room in part.words_in_charts()]
    return [*drawn, *charts, shown.accessibleName(), *(part.accessibleName() for part in shown.parts)]


# What may stand there -----------------------------------------------------------------------------------------------


def figures(**counts: int | tuple[int, int]) -> dict[str, Cell]:
    """Return the page's figures: those named, the others nothing."""
    found = {}
    for each in INDICATORS:
        given = counts.get(each.code, 0 if each.base is None else (0, 0))
        count, base = given if isinstance(given, tuple) else (given, None)
        now = Figure(each, count, base)
        before = Figure(each, counts.get("B1_before", count) if each.code == "B1" else count, base)  # type: ignore[arg-type]
        found[each.code] = Cell(now, before)
    return found


def view_of(groups: tuple[Share, ...] = (), months: dict[str, list[int]] | None = None, **counts: Any) -> HallView:
    """Return the hall's screen of a page made by hand."""
    period = month_of(clock.today())
    codes = state.trend_codes()
    trends = {}
    for code in codes:
        told = (months or {}).get(code, [0] * 12)
        points = zip(months_until(period), told, strict=True)
        base = None if indicator(code).base is None else 100
        trends[code] = tuple(Point(month, Figure(indicator(code), count, base)) for month, count in points)
    return hall_view(Board(Ask(period), clock.now(), figures(**counts), groups, trends), "溪桥站")


TOWN = {"A1": 900, "A2": 600, "A3": 400, "A4": 60, "A5": 90, "A6": 40, "A7": 10, "A8": (400, 550)}


def value(view: HallView, name: str) -> str:
    named = [*view.legend, *view.groups, *view.unemployed, *view.help_more]
    bigs = {each.title: each.value for each in (*view.people, *view.results)}
    return {**{each.name: each.value for each in named}, **bigs}[name]


def test_counts_from_five_on_are_shown() -> None:
    view = view_of(**TOWN)

    assert value(view, "在册居民") == "900"
    assert [each.value for each in view.legend] == ["400", "60", "90", "40", "10"]
    assert value(view, "就业率（工作口径）") == "73"
    assert view.parts is not None


def test_a_small_part_is_hidden_with_the_one_that_would_give_it_away() -> None:
    view = view_of(**{**TOWN, "A7": 3, "A2": 593})

    assert [each.value for each in view.legend] == ["400", "60", "90", "—", "<5"]
    assert [each.note for each in view.legend][3:] == ["", ""]
    assert view.parts is not None
    assert [part.value for part in view.parts.parts] == [400, 60, 90, 43]


def test_a_share_that_hangs_on_a_hidden_count_is_rounded_down() -> None:
    view = view_of(**{**TOWN, "A5": 4, "A2": 514, "A8": (400, 464)})

    assert value(view, "备业") == "<5"
    assert value(view, "就业率（工作口径）") == "≥85"


@pytest.mark.parametrize(
    ("hired", "closed", "said"),
    [(4, 40, "<5"), (5, 40, "12"), (38, 40, "≥90"), (40, 40, "≥90"), (3, 4, "<5"), (0, 0, "—"), (6, 80, "7.5")],
)
def test_a_share_is_exact_only_where_both_its_parts_are_five_or_more(hired: int, closed: int, said: str) -> None:
    assert value(view_of(D2=(hired, closed)), "推荐成功率") == said


def test_a_ring_with_a_small_rest_tells_neither_its_count_nor_its_band() -> None:
    rings = {each.title: each for each in view_of(C11=(52, 54)).rings}

    ring = rings["回执率"]
    assert (ring.value, ring.share, ring.ink) == ("≥90", 0.9, "text2")
    assert "52" not in ring.note
    assert "共 54" in ring.note


def test_a_ring_that_may_be_told_shows_counts_goal_and_band() -> None:
    rings = {each.title: each for each in view_of(C11=(60, 100)).rings}

    ring = rings["回执率"]
    assert (ring.value, ring.goal, ring.token) == ("60", 0.8, "red_fill")
    assert ring.note == "60 / 100　目标 80%"


def test_newcomers_below_five_cannot_be_worked_out_from_the_months_balance() -> None:
    view = view_of(B1_before=90, B1=88, B2=3, B3=5)

    steps = {each.label: each for each in view.balance.steps}
    assert (steps["本月新登记"].words, steps["本月注销"].words) == ("<5", "—")
    assert (steps["本月新登记"].low, steps["本月新登记"].high) == (0, 0)
    assert not view.balance.joined


def test_a_month_with_few_hires_has_no_bar() -> None:
    months = {"D1": [20] * 12, "D2": [8] * 10 + [4, 0]}

    hires = view_of(months=months).year.series[1]

    assert hires.values[-3:] == (8, None, None)
    assert hires.words[-3:] == ("8", "<5", "<5")


def test_small_groups_say_so_in_no_order_and_restricted_ones_stay_away() -> None:
    groups = (Share("KG02", "", 30, 90), Share("KG14", "", 20, 90), Share("KG09", "", 3, 90), Share("KG05", "", 1, 90))

    shown = view_of(groups).groups

    assert [(each.name, each.value) for each in shown] == [
        ("就业困难人员", "30"), ("16–24岁失业青年", "<5"), ("退役军人", "<5"),
    ]  # fmt: skip


# The screen ---------------------------------------------------------------------------------------------------------


def test_nobodys_name_number_or_phone_stands_on_it(desk: Desk, opened: Open) -> None:
    def fill(make: Factory) -> None:
        for name in ("葛守成", "欧阳念真"):
            make.referral(resident=make.resident(name=name, mobile="19900000007"))
        make.unemp_reg()

    write(desk, fill)

    said = "\n".join(words(opened()))

    assert "在册居民" in said
    for personal in ("葛守成", "欧阳念真", "葛", "欧阳", "顾念真", "*", "19900000007", "0007", "TJ33"):
        assert personal not in said


@pytest.mark.parametrize(("width", "height", "dark"), SIZES)
def test_nothing_is_cut_off_and_all_can_be_read_from_afar(
    desk: Desk, opened: Open, qapp: QApplication, width: int, height: int, dark: bool
) -> None:
    theme.apply_theme(qapp, theme.Theme(dark=dark))
    write(desk, lambda make: [make.resident(priority_groups=[{"code": "KG07"}, {"code": "KG15"}]) for _n in range(7)])
    shown, unit = opened(width, height), unit_of(width, height)

    for part in shown.parts:
        inside = QRectF(part.rect())
        assert part.written
        for each in part.written:
            assert each.box.adjusted(-2, 0, 2, 0).contains(each.need), each
            assert inside.adjusted(-1, -1, 1, 1).contains(each.need), each
            assert each.pixels >= LEAST_PX * unit - 1, each
            assert "…" not in each.words, each
        for said, box, room in part.words_in_charts():
            assert room.adjusted(-6, -6, 6, 6).contains(box), said


def test_texts_of_a_part_do_not_run_into_each_other(desk: Desk, opened: Open) -> None:
    for part in opened().parts:
        for place, each in enumerate(part.written):
            others = [other for other in part.written[place + 1 :] if other.need.intersects(each.need)]
            assert not others, (each.words, [other.words for other in others])


def test_it_is_drawn_in_small_steps_and_shows_finished_pictures_alone(desk: Desk, opened: Open) -> None:
    shown = opened()
    before = [part.picture for part in shown.parts]

    shown._load()
    waiting = len(shown._steps)
    shown._take_step()

    assert waiting > 12
    assert len(shown._steps) == waiting - 1
    assert [part.picture for part in shown.parts] == before
    shown.finish()
    assert all(part.picture is not None for part in shown.parts)


def test_dark_and_light_follow_the_program(desk: Desk, opened: Open, qapp: QApplication) -> None:
    shown = opened()

    theme.apply_theme(qapp, theme.Theme(dark=True))
    shown.finish()

    picture = shown.blocks[0].picture
    assert picture is not None
    assert QColor(picture.pixel(picture.width() // 2, 8)) == theme.current().color("surface")


# Going on by itself -------------------------------------------------------------------------------------------------


def test_what_is_saved_at_the_counter_reaches_the_hall(
    desk: Desk, opened: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "SETTLE_MS", 1)
    monkeypatch.setattr(window, "REST_FACTOR", 0)
    write(desk, lambda make: [make.resident() for _n in range(20)])
    shown = opened()
    before = value(shown.view, "在册居民")  # type: ignore[arg-type]

    write(desk, lambda make: make.resident())

    qtbot.waitUntil(lambda: shown.view is not None and value(shown.view, "在册居民") == "21")
    qtbot.waitUntil(lambda: not shown._steps)
    assert before == "20"
    assert any(each.words == "21" for each in shown.blocks[0].written)


def test_it_reads_anew_by_itself_and_at_midnight(desk: Desk, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = opened()
    assert shown.view is not None
    first = shown.view.as_of
    try:
        clock.shift(timedelta(days=1))
        shown.look_at_clock()
        shown.finish()

        assert shown.view.as_of - first > timedelta(hours=23)
        assert shown._every.isActive()
        assert shown._every.interval() <= 5 * 60_000
        assert any(state.clock_words(clock.now())[1] == each.words for each in shown.head.written)
    finally:
        clock.shift(timedelta(0))


def test_a_reading_that_fails_leaves_the_last_numbers_with_their_time(
    desk: Desk, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(desk, lambda make: [make.resident() for _n in range(20)])
    shown = opened()
    view = shown.view

    def broken(*_args: object, **_more: object) -> None:
        raise StorageError("打不开")

    monkeypatch.setattr(state, "load_hall", broken)
    shown._load()
    shown.finish()

    assert shown.view is view
    assert any(each.words == "20" for each in shown.blocks[0].written)
    assert shown.foot.written[0].words.startswith("暂时读不出新数，显示的是")
    assert shown._settle.isActive()
    assert desk.troubles == []


def test_before_the_first_numbers_it_says_that_it_cannot_read(
    desk: Desk, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise StorageError("打不开")

    monkeypatch.setattr(state, "load_hall", broken)

    shown = opened()

    assert (shown.view, shown.failed) == (None, True)
    assert not shown.grab().isNull()


def test_the_words_of_waiting_go_with_the_first_numbers(
    desk: Desk, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = state.load_hall
    monkeypatch.setattr(state, "load_hall", refused)
    shown = opened()
    QApplication.processEvents()
    painted = Painted(shown)

    monkeypatch.setattr(state, "load_hall", reading)
    shown._load()
    shown.finish()
    QApplication.processEvents()

    between = QPoint(shown.blocks[0].geometry().right() + 3, shown.height() // 2)
    assert shown.view is not None
    assert any(region.contains(between) for region in painted.regions)


class Painted(QObject):
    """Notes which parts of a widget were painted anew."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.regions: list[QRegion] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.regions.append(event.region())
        return False


def refused(*_args: object, **_more: object) -> HallView:
    raise StorageError("磁盘坏了", code="storage.read")


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_F11])
def test_a_key_on_it_closes_it_and_its_charts(desk: Desk, opened: Open, qtbot: QtBot, key: Qt.Key) -> None:
    shown = opened()

    qtbot.keyClick(shown, key)

    assert not hall_of(desk.runner).is_open
    assert [each for each in QApplication.topLevelWidgets() if each.isVisible()] == []


def test_it_has_no_pointer_and_does_not_keep_the_program_alive(desk: Desk, opened: Open) -> None:
    shown = opened()

    assert shown.cursor().shape() == Qt.CursorShape.BlankCursor
    assert not shown.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)


def test_on_another_monitor_it_leaves_the_keyboard_alone_and_survives_the_unplugged_cable(
    desk: Desk, opened: Open
) -> None:
    shown, screen = opened(), QGuiApplication.primaryScreen()
    shown.show_on(screen, beside=True)

    shown.leave(screen)
    gone = shown.isHidden()
    shown.come_back(screen)

    assert shown.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert gone
    assert shown.isVisible()
    assert shown.geometry() == screen.geometry()


def test_it_goes_on_while_the_counter_is_locked(qtbot: QtBot, tmp_path: Path) -> None:
    library.load()
    with whole_desktop(qtbot, tmp_path, full=False) as whole:
        runner = whole.counter.runner
        hall = hall_of(runner)
        hall.open("溪桥站", screen=None, beside=False)
        shown = hall.window
        assert shown is not None

        whole.window.lock()
        as_of = shown.view.as_of if shown.view is not None else None
        shown._load()
        qtbot.waitUntil(lambda: shown.view is not None and shown.view.as_of != as_of)

        assert runner.actor is None
        assert shown.isVisible()
        assert not shown.failed
        hall.close()


def test_figures_counted_for_the_dashboard_are_not_counted_again(desk: Desk) -> None:
    hall = hall_of(desk.runner)

    assert hall_of(desk.runner) is hall
    assert isinstance(hall.memory, Memory)
