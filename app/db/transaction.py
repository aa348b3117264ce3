"""What a service holds in its hands: one open transaction, with its actor and its act."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Executable, text
from sqlmodel import Session

from app import clock
from app.db import state
from app.db.inserts import insert_many, table_of
from app.errors import BugError, NotAllowedError, NotFoundError
from app.models.acts import find_act, may
from app.models.base import Record
from app.models.registry import type_of
from app.texts import _

if TYPE_CHECKING:
    from app.db.capture import Capture

RecordT = TypeVar("RecordT", bound=Record)


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff signed in at this device."""

    staff_id: str
    name: str
    roles: frozenset[str]


class Transaction:
    """One transaction of one service call. Services take it first and never commit.

    ``session`` is for queries (Core selects for lists, ORM for single rows); rows are added by ``add`` and changed in
    place. ``touched`` collects the record types that changed.
    """

    def __init__(
        self,
        session: Session,
        *,
        actor: Actor | None,
        writable: bool,
        reason: str | None = None,
        capture: "Capture | None" = None,
    ) -> None:
        self.session = session
        self.actor = actor
        self.writable = writable
        self.reason = reason
        self.undoes: str | None = None
        self.op_id: str | None = None
        self.touched: set[str] = set()
        self._act: str | None = None
        self._capture = capture

    @property
    def act_name(self) -> str | None:
        """The act this transaction is, once a service said so."""
        return self._act

    @property
    def actor_id(self) -> str | None:
        """The actor's staff id, or None where no person acts."""
        return self.actor.staff_id if self.actor else None

    def act(self, name: str) -> None:
        """Say which act this is, and check that the actor may do it; inside another act, only the check counts.

        Raises:
            NotAllowedError: the actor's role may not do this.
        """
        act = find_act(name)
        if act is None:
            raise BugError(f"unknown act {name}")
        if self.actor is not None and not may(self.actor.roles, name):
            raise NotAllowedError(_("您的岗位不能“{act}”，请转站长", act=_(act.label)))
        if self._act is None:
            self._act = name

    def add(self, row: RecordT) -> RecordT:
        """Put a new row into the transaction, with who, when and at which station."""
        row.created_at = row.created_at or clock.now()
        row.created_by = row.created_by or self.actor_id
        row.station_code = row.station_code or state.station_code(self.session)
        if self._capture is None:
            raise BugError("rows are added in a write transaction only")
        self._capture.new_rows.append(row)
        return row

    def add_rows(self, model: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
        """Put many new rows into the transaction at once, with the same operation as ``add`` makes: for imports.

        Each mapping holds validated fields, none of them None, and the row's ``id``; what it lacks gets the model's
        default. A field is best left out where it has its default: what all rows share is worked out once.
        """
        if self._capture is None:
            raise BugError("rows are added in a write transaction only")
        if not rows:
            return
        moment = clock.now()
        common = {
            **_defaults(model),
            "created_at": moment,
            "created_by": self.actor_id,
            "updated_at": moment,
            "station_code": state.station_code(self.session),
        }
        with self.applying():
            insert_many(self.session.connection(), table_of(model), rows, common)
        self._capture.note_many(type_of(model), rows, common)

    def find(self, model: type[RecordT], record_id: str | None) -> RecordT | None:
        """Return the live row of that id, or None; a tombstone counts as absent."""
        if record_id is None:
            return None
        row = self.session.get(model, record_id)
        return None if row is None or row.deleted_at is not None else row

    def get(self, model: type[RecordT], record_id: str | None) -> RecordT:
        """Return the live row of that id.

        Raises:
            NotFoundError: there is none.
        """
        row = self.find(model, record_id)
        if row is None:
            raise NotFoundError(_("找不到这份{kind}，可能已经作废", kind=_(type_of(model).label)))
        return row

    def remove(self, row: Record, reason: str) -> None:
        """Mark a row as deleted; nothing is ever removed."""
        row.deleted_at = clock.now()
        row.delete_reason = reason

    def change(self, row: Record, values: Mapping[str, Any]) -> None:
        """Set several fields of a row; only those that differ."""
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)

    def flush(self) -> None:
        """Send what is pending to the database, still inside the transaction."""
        self.session.flush()

    def rows(self, statement: Executable, parameters: Any = None) -> Sequence[Any]:
        """Run a Core select and return all rows."""
        if self.writable:
            self.session.flush()
        return self.session.connection().execute(statement, parameters).all()

    def sql(self, statement: str, **parameters: Any) -> Sequence[Any]:
        """Run a select written as text and return all rows."""
        return self.rows(text(statement), parameters)

    @contextmanager
    def applying(self) -> Iterator[None]:
        """Let statements write record tables without making an operation: only for what the district sent."""
        info = self.session.connection().info
        info["capture_open"] = info.get("capture_open", 0) + 1
        try:
            yield
        finally:
            info["capture_open"] -= 1


@cache
def _defaults(model: type[Record]) -> Mapping[str, Any]:
    """Return what a new row of this model holds where nothing is given."""
    fields = ((name, info) for name, info in model.model_fields.items() if name != "id" and not info.is_required())
    return {name: info.get_default(call_default_factory=True) for name, info in fields}
