"""What a record that is new here needs besides its values: worked out once, and ahead of its turn.

The thread that fetches a page does so while the one before is stored: SQLite lets go of the interpreter meanwhile.
"""

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from app.db import search_index
from app.models.registry import find_type
from app.sync.protocol import Entry, dumps

_EMPTY = (list, dict)
_ENCODE = msgspec.json.Encoder().encode


def words_of(entry: Entry) -> str:
    """Return what the search finds the record by; nothing where it is deleted, or its type is not searched."""
    known = entry.__dict__
    if "words" not in known:
        kind = find_type(entry.type)
        known["words"] = "" if kind is None else search_index.words(kind, entry.values)
    words: str = known["words"]
    return words


def making_of(entry: Entry) -> str:
    """Return a new record's values as changes, in JSON; what is empty is none. Made without the many small lists."""
    known = entry.__dict__
    if "making" not in known:
        known["making"] = _making(entry)
    making: str = known["making"]
    return making


def _making(entry: Entry) -> str:
    kind, values = find_type(entry.type), entry.values
    assert kind is not None
    if not values.keys() <= kind.fields.keys():
        values = {name: value for name, value in values.items() if name in kind.fields}
    changes = {
        name: (None, value)
        for name, value in values.items()
        if value or (value is not None and value.__class__ not in _EMPTY)
    }
    try:
        return _ENCODE(changes).decode() if changes else ""
    except (OverflowError, UnicodeEncodeError):  # a number or a text that only the general way can write
        return dumps(changes)


def work_ahead(entries: Iterable[Entry], *, history: bool) -> None:
    """Work out what these entries need if their records are new here. What cannot be is met in its turn."""
    for entry in entries:
        if not entry.removed and find_type(entry.type) is not None:
            with suppress(KeyError, TypeError, AttributeError):
                words_of(entry)
                if history:
                    making_of(entry)
