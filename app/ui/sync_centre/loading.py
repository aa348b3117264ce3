"""What the sync centre shows at once, read in one transaction: the services' account and what the sync itself keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.notices import NoticeLine, notices_of
from app.services.sync_overview import SyncCentre, load_centre
from app.sync import feeds, fuse
from app.sync.epoch import Restored, lately_restored

if TYPE_CHECKING:
    from app.db.database import Transaction


@dataclass(frozen=True)
class CentreView:
    """The sync centre at one moment.

    ``removal``: feed, how many, of how many, where a pull stopped to ask; ``removal_allowed``: it was let through.
    ``sealed``: how many acts lie sealed on feeds that are no longer this device's. ``notices``: the district's.
    ``restored``: that the district was put back to a backup of its own, where that is not long ago.
    """

    centre: SyncCentre
    removal: tuple[str, int, int] | None = None
    removal_allowed: bool = False
    sealed: int = 0
    notices: tuple[NoticeLine, ...] = ()
    restored: Restored | None = None


def load_view(tx: Transaction) -> CentreView:
    """Read everything."""
    return CentreView(
        centre=load_centre(tx),
        removal=fuse.removal_asked(tx),
        removal_allowed=fuse.removal_allowed(tx),
        sealed=len(feeds.sealed_work(tx)),
        notices=notices_of(tx),
        restored=lately_restored(tx),
    )
