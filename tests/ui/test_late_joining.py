"""A station founded offline joins its district from the window, with what it did before."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.commands.local_district import local_district
from app.counter import Counter
from app.ui.context import UiContext
from app.ui.messages import Messages
from app.ui.sync_centre.joining import JoinCard
from tests.ui.counters import found, sign_in


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return found(tmp_path / "counter")


def context_of(counter: Counter, card_parent: Messages) -> UiContext:
    return UiContext(
        runner=counter.runner,
        store=counter.store,
        messages=card_parent,
        navigate=lambda name, **arguments: None,
        actor=sign_in(counter),
        station=counter.station(),
        search=counter.search,
        sync=counter.sync,
        door=counter,
    )


@pytest.mark.timeout(180)
def test_a_station_joins_from_the_sync_centre(qtbot: QtBot, counter: Counter, tmp_path: Path) -> None:
    context = context_of(counter, Messages())
    card = JoinCard(context)
    qtbot.addWidget(card)

    with local_district(tmp_path / "district") as district:
        code = district.enrol_code(context.station.code, "supervisor", name=context.station.name)
        card.form.set_values({"url": district.url, "code": code})
        with qtbot.waitSignal(card.joined, timeout=60_000):
            card.submit()

        qtbot.waitUntil(lambda: waiting(counter) == 0, timeout=60_000)
        assert "0" in district.verify()
        counter.close()


class Asked:
    """A door that notes what it was asked to join with."""

    def __init__(self) -> None:
        self.with_: tuple[str, str] | None = None

    def enrol(self, url: str, code: str) -> None:
        self.with_ = (url, code)


def test_the_sync_centre_takes_a_scanned_invitation(qtbot: QtBot, counter: Counter) -> None:
    door = Asked()
    card = JoinCard(replace(context_of(counter, Messages()), door=door))  # type: ignore[arg-type]
    qtbot.addWidget(card)
    invitation = "doorstep:join?url=https://district.example&code=ABCD-EFGH-JKLM"

    card.form.set_values({"url": "", "code": invitation})
    with qtbot.waitSignal(card.joined, timeout=60_000):
        card.submit()

    assert door.with_ == (invitation, "ABCD-EFGH-JKLM")
    counter.close()


def waiting(counter: Counter) -> int:
    assert counter.database is not None
    with counter.database.read() as tx:
        return int(tx.sql("SELECT count(*) FROM operation WHERE state = 'pending'")[0][0])
