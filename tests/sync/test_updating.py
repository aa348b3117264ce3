"""New versions come behind the counter's work, from a real district, a stick or a second try; they never install."""

import shutil
import threading
from dataclasses import replace

import pytest

from app.db.database import Database
from app.district.release_store import Audience, Releases
from app.errors import RuleError
from app.sync import release_fetch, updating
from app.sync.updating import NEVER, RESTING, Updating
from app.updates import standing as decisions
from app.updates.first_start import StoreNote, write_note
from app.updates.manifest import SUFFIX
from app.updates.programs import Programs, State, this_platform
from tests.district.live import running
from tests.sync import world
from tests.updates import making
from tests.updates.packages import make_deb, needs_dpkg, trust


class Desk:
    """A counter that joined a district with a folder of releases, and what looks after its versions."""

    def __init__(self, live, counter, folder) -> None:
        self.folder, self.counter = folder, counter
        self.releases = Releases(folder / "releases")
        live.api.state.releases = self.releases
        self.programs = Programs(folder / "programs")
        self.when = NEVER
        self.made: list[Updating] = []

    def offer(self, version="0.2.0", **facts):
        package = making.package(self.folder / f"made-{version}", version, platform=this_platform(), **facts)
        self.releases.add(package, Audience())
        return package

    def start(self, database: Database | None = None, **how) -> Updating:
        made = Updating(database or self.counter.database, self.programs, when=lambda: self.when, **how)
        self.made.append(made)
        return made


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(f"sqlite:///{tmp_path_factory.mktemp('district') / 'district.db'}") as made:
        yield made


@pytest.fixture
def desk(live, tmp_path, empty_counter, monkeypatch):
    trust(monkeypatch, tmp_path)
    monkeypatch.setattr(release_fetch, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(release_fetch, "RESERVE", 0)
    monkeypatch.setattr("app.district.release_store.RESERVE", 0)
    (tmp_path / "data").mkdir()
    counter = world.counter(empty_counter, tmp_path / "data" / "doorstep.db")
    write_note(tmp_path / "data", StoreNote("0008", "0.1.0"))
    world.enrol(counter.database, live.url, live.code(), "窗口")
    made = Desk(live, counter, tmp_path)
    yield made
    for each in made.made:
        each.stop()
    counter.close()


def _until(loop: Updating, holds) -> None:
    """Wait for a view of which this holds."""
    seen = threading.Event()
    loop.on_change.append(lambda view: seen.set() if holds(view) else None)
    if holds(loop.view()):
        return
    assert seen.wait(60), loop.view()


def test_what_the_district_offers_is_fetched_whole_when_somebody_asks_and_waits_for_a_word(desk):
    desk.offer()
    loop = desk.start()
    loop.start()

    loop.ask_now()

    _until(loop, lambda view: view.standing.offer is not None and view.doing == RESTING)
    found = loop.view().standing
    assert (found.offer.version, found.offer.notes_in("en")) == ("0.2.0", "Printing mended")
    assert (found.wanted, found.state) == (False, State())
    assert desk.programs.versions() == ()


def test_what_the_district_withdrew_before_it_was_installed_is_dropped(desk):
    desk.offer()
    loop = desk.start()
    loop.start()
    loop.ask_now()
    _until(loop, lambda view: view.standing.offer is not None and view.doing == RESTING)
    loop.want("0.2.0")

    desk.releases.withdraw("0.2.0")
    loop.ask_now()

    _until(loop, lambda view: view.standing.offer is None and view.doing == RESTING)
    assert desk.programs.state().wanted == ""
    assert desk.programs.offers() == {}


def test_by_itself_it_asks_only_when_the_setting_lets_it(desk, monkeypatch):
    monkeypatch.setattr(updating, "FIRST_SECONDS", 0.0)
    desk.offer()
    quiet = desk.start()
    desk.when = updating.ALWAYS
    loud = desk.start()
    desk.when = NEVER
    assert not quiet._is_due()

    desk.when = updating.ALWAYS
    assert desk.start(by_itself=False)._is_due() is False
    loud.start()

    _until(loud, lambda view: view.standing.offer is not None and view.doing == RESTING)


def test_a_version_that_failed_here_or_was_declined_is_not_fetched_again(desk):
    desk.offer()
    desk.programs.root.mkdir()
    desk.programs.change(lambda state: replace(state, failed={"0.2.0": "self_test"}))
    loop = desk.start()
    loop.start()

    loop.ask_now()

    _until(loop, lambda view: view.asked_at is not None and view.doing == RESTING)
    assert desk.programs.offers() == {}


def test_a_district_that_cannot_be_reached_is_a_sentence_and_nothing_is_lost(desk, monkeypatch):
    desk.offer()
    loop = desk.start()
    monkeypatch.setattr(updating, "ask", lambda *_given, **_more: _offline())
    loop.start()

    loop.ask_now()

    _until(loop, lambda view: view.trouble != "")
    assert loop.view().doing == RESTING


def _offline():
    raise RuleError("连不上区里", code="sync.offline")


@needs_dpkg
def test_a_stick_brings_a_version_that_is_unpacked_at_once_and_installed_at_the_next_start(desk, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    package = make_deb(stick, "0.2.0", "#!/bin/sh\n")
    loop = desk.start()
    loop.start()

    loop.take(package)

    _until(loop, lambda view: desk.programs.program("0.2.0") is not None and view.doing == RESTING)
    assert loop.view().standing.wanted
    assert desk.programs.state().current == ""


def test_a_stick_that_is_refused_says_why_and_changes_nothing(desk, tmp_path):
    package = making.package(tmp_path / "stick", "0.2.0", platform=this_platform())
    package.with_name(package.name + SUFFIX).unlink()
    loop = desk.start()
    loop.start()

    loop.take(package)

    _until(loop, lambda view: view.trouble != "" and view.doing == RESTING)
    assert "签名文件" in loop.view().trouble
    assert desk.programs.state() == State()


def test_a_package_that_turns_out_bad_when_unpacked_is_not_tried_at_each_start(desk):
    desk.offer()  # signed, but no archive
    loop = desk.start()
    loop.start()
    loop.ask_now()
    _until(loop, lambda view: view.standing.offer is not None and view.doing == RESTING)

    loop.want("0.2.0")

    _until(loop, lambda view: view.trouble != "" and view.doing == RESTING)
    assert desk.programs.state().wanted == ""
    assert desk.programs.versions() == ()


def test_declined_it_stays_here_and_may_still_be_chosen(desk, tmp_path):
    package = making.package(tmp_path / "made", "0.2.0", platform=this_platform())
    shutil.copytree(package.parent, desk.programs.packages)
    loop = desk.start()

    loop.decline("0.2.0")
    assert loop.view().standing.state.declined == ("0.2.0",)
    decisions.want(desk.programs, "0.2.0")

    assert (desk.programs.state().declined, desk.programs.state().wanted) == ((), "0.2.0")


def test_going_back_by_hand_needs_a_version_that_can_read_the_store(desk):
    data = desk.counter.database.path.parent
    known = {"0.0.9": "0008"}
    desk.programs.root.mkdir()
    desk.programs.change(lambda _state: State(current="0.1.0", previous="0.0.9", schemas=known))
    loop = desk.start()
    assert (loop.view().standing.back_to, loop.view().standing.back_refused) == ("0.0.9", "")
    write_note(data, StoreNote("0009", "0.1.0"))

    with pytest.raises(RuleError) as caught:
        loop.go_back()
    assert caught.value.code == "update.store_newer"
    write_note(data, StoreNote("0008", "0.1.0"))

    assert loop.go_back() == "0.0.9"
    assert desk.programs.state() == State(current="0.0.9", failed={"0.1.0": "left"}, schemas=known)
    with pytest.raises(RuleError):
        loop.go_back()


def test_the_district_hears_which_newer_version_did_not_do(desk):
    desk.programs.root.mkdir()
    assert decisions.trouble(desk.programs) is None

    desk.programs.change(lambda state: replace(state, failed={"0.2.0": "self_test", "0.0.9": "died", "0.3.0": "left"}))

    assert decisions.trouble(desk.programs) == "update.failed 0.2.0 self_test"
