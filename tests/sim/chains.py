"""Whether any machine's logs look tampered with after all that happened to them: nobody touched them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.db.chain import LOGS, head_of
from app.district.chain_heads import RESTORED, breaks_of, held_heads
from app.services.chain_told import read_heads
from app.services.health import FAULT
from app.services.tamper import examine_logs

if TYPE_CHECKING:
    from tests.sim.world import Machine, World


def chain_faults(world: "World") -> Iterator[str]:
    """Yield what the doctor and the district hold against a machine; a restore may be seen, nothing else.

    A telling that was lost on the way goes out with the next run.
    """
    for machine in world.machines:
        if not _told(world, machine):
            world.sync(machine)
        if not _told(world, machine):
            yield f"{machine.name} did not tell the district where its logs end"
        device = world.device_of(machine)
        with world.district.store.read() as connection:
            fresh = read_heads(held_heads(connection, device))
            breaks = breaks_of(connection, [device]).get(device, [])
        yield from (f"{machine.name}: {each}" for each in breaks if each["kind"] != RESTORED)
        for finding in examine_logs(machine.database, fresh):
            if finding.level == FAULT:
                yield f"{machine.name}: {finding.text}"


def _told(world: "World", machine: "Machine") -> bool:
    """Tell whether the district holds the very heads of this machine's logs."""
    with world.district.store.read() as connection:
        held = read_heads(held_heads(connection, world.device_of(machine)))
    with machine.database.read() as tx:
        own = {log: head_of(tx.session.connection(), log) for log in LOGS}
    return all(head.number == 0 or held[log].heads.get(head.number) == head.chain for log, head in own.items())
