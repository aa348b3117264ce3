"""What a record that is new here needs besides its values: worked out once, and ahead of its turn.

The thread that fetches a page does so while the one before is stored: SQLite lets go of the interpreter meanwhile.
"""

from collections.abc import Iterable

import msgspec

from app.db import search_index
from app.db.inserts import utc_text
from app.errors import ProtocolError
from app.models.registry import find_type
from app.sync.protocol import Entry, dumps
from app.sync.shapes import shape_of, stored_text

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


def made_of(entry: Entry) -> str:
    """Return the moment of the act as it is stored."""
    known = entry.__dict__
    if "made" not in known:
        known["made"] = utc_text(entry.made_at)
    made: str = known["made"]
    return made


def moments_of(entry: Entry) -> dict[str, str]:
    """Return the days and instants that a record of a known type holds, as they are stored.

    Raises:
        ProtocolError: one is none.
    """
    known = entry.__dict__
    if "moments" not in known:
        shape, values = shape_of(entry.type), entry.values
        known["moments"] = {
            name: stored_text(shape, name, values[name]) for name in shape.moments if values.get(name) is not None
        }
    moments: dict[str, str] = known["moments"]
    return moments


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
    rest = (entry for entry in entries if not entry.removed and find_type(entry.type) is not None)
    works = (made_of, words_of, moments_of, making_of) if history else (made_of, words_of, moments_of)
    for entry in rest:
        try:
            for work in works:
                work(entry)
        except (KeyError, TypeError, AttributeError, ProtocolError):
            continue
