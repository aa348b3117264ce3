"""What one run of the sync did."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SyncReport:
    """What one run did. ``agreed``: the digests of every feed are equal; None when that was not reached.

    ``error`` is (code, sentence); ``clock_offset`` in seconds, positive when this PC is ahead. ``epoch_changed``: the
    server was restored from a backup, and ``sent_again`` operations went there again. ``sealed``: operations on
    feeds that this device lost. ``removal``: a pull stopped that would have taken away so many of a feed's records.
    ``attachments_left``: so many can go on at once in another run.
    """

    pushed: int = 0
    pulled: int = 0
    parked: int = 0
    held: int = 0
    conflicts: int = 0
    feeds: tuple[tuple[str, int], ...] = ()
    agreed: bool | None = None
    repaired: int = 0
    clock_offset: float = 0.0
    clock_wrong: bool = False
    error: tuple[str, str] | None = None
    retry_after: float | None = None
    locked_out: bool = False
    epoch_changed: bool = False
    sent_again: int = 0
    sealed: int = 0
    removal: tuple[str, int, int] | None = None
    attachments_left: int = 0

    @property
    def ok(self) -> bool:
        """Everything was sent, fetched and found equal."""
        return self.error is None and self.agreed is not False
