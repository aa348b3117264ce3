"""Whose tokens came lately: a guess that spares a turn to the database, and is looked at there under the lock."""

from app.district.accounts import Caller, hashed

MOST = 20_000


class Callers:
    """Remembers devices by the hashes of their tokens. Each process for itself; what it says may be out of date."""

    def __init__(self) -> None:
        self._known: dict[str, Caller] = {}

    def guess(self, token: str | None) -> Caller | None:
        """Return whose token it was."""
        return self._known.get(hashed(token)) if token else None

    def keep(self, token: str | None, caller: Caller | None) -> None:
        """Remember whose token it is; ``None``: nobody's."""
        if not token:
            return
        if caller is None:
            self._known.pop(hashed(token), None)
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[hashed(token)] = caller
