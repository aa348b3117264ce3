"""Word from the district in a simulation: what is new comes along with it, and a quick run follows."""

from typing import TYPE_CHECKING

from app.errors import ExternalError
from app.sync.engine import SyncReport
from app.sync.membership import Membership, membership
from app.sync.protocol import Page
from app.sync.pulling import known_cursors
from tests.sim.air import Killed

if TYPE_CHECKING:
    from tests.sim.world import Machine, World


def hear(world: "World", machine: "Machine", *, along: bool, send: bool, weather: list[str]) -> SyncReport | None:
    """Let a machine hear that its feeds grew; None when it heard nothing, or the plug was pulled over it.

    ``along``: the entries come with the word. ``weather``: what becomes of the requests after that.
    """
    machine.last = None
    report = None
    with world.times.at(machine.offset):
        try:
            with machine.database.read() as tx:
                member, at = membership(tx), known_cursors(tx)
            page = _word(member, at) if member is not None and at else None
            if member is not None and page is not None:
                world.line(machine).weather.extend(weather)
                came = (member.epoch, page) if along else None
                report = machine.engine.run_quick(page.heads, came, send=send)
        except Killed:
            machine.start_again()
    machine.kill_at = 0
    world.line(machine).weather.clear()
    return report


def _word(member: Membership, at: dict[str, int]) -> Page | None:
    """Return what a machine would be told: all that is new after its cursors."""
    transport = member.connect()
    try:
        return transport.pull(member.epoch, at, 500)
    except ExternalError:
        return None
    finally:
        transport.close()
