"""The page of updates: what it says of each state, and what its keys do."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from app.sync.updating import ASKING, FETCHING, TAKING, UpdateView
from app.ui.updating import state
from app.ui.updating.background import BackgroundUpdates
from app.ui.updating.screen import UpdatesScreen
from app.updates.manifest import Release
from app.updates.programs import State, Told, Trial
from app.updates.standing import Standing
from tests.ui.desks import Desk
from tests.updates.test_manifest import RELEASE

REST = UpdateView(Standing("0.1.0", State(), None, "", "", writable=True, free=10**9))


def _view(offer: Release | None = None, *, known: State | None = None, back_to="", refused="", **more) -> UpdateView:
    standing = replace(
        REST.standing, offer=offer, state=known or State(), back_to=back_to, back_refused=refused, **more
    )
    return replace(REST, standing=standing)


def test_without_anything_new_it_says_so_and_offers_to_ask_and_to_take():
    page = state.page_of(REST)

    assert page.lines == ("没有等着安装的新版本。",)
    assert (page.can_install, page.can_decline, page.back_to, page.can_ask) == (False, False, "", True)
    assert not state.page_of(REST, joined=False).can_ask


def test_an_offer_has_three_choices_and_what_is_new():
    page = state.page_of(_view(RELEASE))

    assert (page.offer, page.size, page.notes) == ("新版本 0.2.0", "70.0 MB", "更稳了")
    assert (page.can_install, page.can_put_off, page.can_decline) == (True, False, True)


def test_a_wanted_one_can_be_put_off_and_a_declined_one_still_be_chosen():
    wanted = state.page_of(_view(RELEASE, known=State(wanted="0.2.0")))
    declined = state.page_of(_view(RELEASE, known=State(declined=("0.2.0",))))

    assert (wanted.can_install, wanted.can_put_off, wanted.can_decline) == (False, True, False)
    assert "下次启动时安装" in wanted.lines[0]
    assert (declined.can_install, declined.can_decline) == (True, False)


@pytest.mark.parametrize(("doing", "stop"), [(ASKING, False), (FETCHING, True), (TAKING, True)])
def test_what_is_under_way_shows_how_far_and_can_be_stopped(doing, stop):
    page = state.page_of(replace(REST, doing=doing, version="0.2.0", done=35_000_000, size=70_000_000))

    assert page.lines == ()
    assert (page.share, page.amount, page.can_stop, page.can_ask) == (0.5, "35.0 MB / 70.0 MB", stop, False)


def test_a_paused_download_can_go_on():
    page = state.page_of(replace(REST, paused=True, done=1, size=2))

    assert (page.can_go_on, page.share) == (True, None)


def test_bad_states_are_sentences():
    failed = state.page_of(_view(known=State(failed={"0.2.0": "self_test"})))
    trial = state.page_of(_view(known=State(trial=Trial("0.2.0", "0.1.0"))))
    readonly = state.page_of(_view(writable=False))
    kept = state.page_of(_view(back_to="0.0.9", refused="不能退回。"))

    assert "自检没有通过" in failed.lines[1]
    assert "试用" in trial.lines[0]
    assert "写不进去" in readonly.lines[1]
    assert (kept.back_to, kept.lines[1]) == ("", "不能退回。")


class Loop:
    """Stands for the thread: notes what it is asked for."""

    def __init__(self, view: UpdateView) -> None:
        self.on_change: list[object] = []
        self.asked: list[tuple[str, ...]] = []
        self._view = view

    def view(self) -> UpdateView:
        return self._view

    def __getattr__(self, name: str):
        return lambda *given: self.asked.append((name, *map(str, given)))


@pytest.fixture
def desk(database, actor, tmp_path):
    """Return what surrounds the screen."""
    return Desk(database, actor, tmp_path)


@pytest.fixture
def page(desk, qtbot):
    """Return a function that makes the screen over a view."""

    def make(view: UpdateView) -> tuple[UpdatesScreen, Loop]:
        loop = Loop(view)
        background = BackgroundUpdates(loop, desk.runner)
        door = type("Door", (), {"updates": background})()
        screen = UpdatesScreen(replace(desk.context, door=door))
        qtbot.addWidget(screen)
        screen.refresh()
        return screen, loop

    return make


def test_the_waiting_window_ends_with_its_input_also_when_that_ended_before_it_was_up():
    code = "from app.ui.updating.waiting import show_until_closed; show_until_closed()"
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    ended = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, env=env, timeout=120)

    assert ended.returncode == 0


def test_f9_installs_at_the_next_start_and_once_chosen_it_can_be_put_off(page):
    screen, loop = page(_view(RELEASE))
    other, again = page(_view(RELEASE, known=State(wanted="0.2.0")))

    screen.main_action()
    other.main_action()
    other.put_off.click()

    assert loop.asked == [("want", "0.2.0")]
    assert again.asked == [("later", "0.2.0")]
    assert other.main.isHidden() and screen.put_off.isHidden()


def test_not_this_one_and_ask_reach_the_thread(page):
    screen, loop = page(_view(RELEASE))

    screen.decline.click()
    screen.stop.click()

    assert loop.asked == [("decline", "0.2.0"), ("pause",)]


def test_nothing_to_install_hides_what_would_install(page):
    screen, loop = page(REST)

    screen.main_action()

    assert screen.offer.isHidden() and screen.back.isHidden() and screen.doing.isHidden()
    assert loop.asked == []


def test_what_happened_at_the_start_is_said_once_and_a_new_version_too(desk):
    view = _view(RELEASE, known=State(told=Told("went_back", "0.3.0", "died")))
    loop = Loop(view)
    background = BackgroundUpdates(loop, desk.runner)

    background.announce_to(desk.messages)
    background.announce_to(desk.messages)

    assert [trouble.code for trouble in desk.troubles] == ["update.died"]
    assert "已自动用回原来的版本" in desk.troubles[0].text
    assert [notice.text for notice in desk.said] == ["新版本 0.2.0 已取来。什么时候装，在“设置 → 程序更新”里定。"]
    assert loop.asked == [("acknowledge",)]
