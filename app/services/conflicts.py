"""What two sides changed alike: told with both values, and settled by a person, as an operation that can be undone.

Where two counters settle one conflict differently while apart, the district makes a conflict about the settlement. It
is shown as a question about the record itself, so that people never see a conflict about a conflict.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from app import clock
from app.db import state
from app.db.database import Transaction
from app.db.inserts import table_of
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.acts import find_act
from app.models.base import Draft, Record, parse_draft
from app.models.conflict import Conflict
from app.models.operation import OperationEdit
from app.models.registry import RecordType, find_type
from app.models.resident import Resident
from app.models.wire import check_wire, from_wire, to_wire
from app.services.record_words import say_value, subject_of
from app.services.residents import find_by_id_no, set_emp_status
from app.services.staff import staff_names
from app.texts import N_, _

OURS, THEIRS, OTHER, RESTORE, REMOVE = "ours", "theirs", "other", "restore", "remove"
CHOICES = (OURS, THEIRS, OTHER, RESTORE, REMOVE)
OPEN, SETTLED = "open", "settled"
DELETED, REASON = "deleted_at", "delete_reason"
CONFLICT_TYPE, TOO_LONG = "conflict", "too_long"
FETCHING_AGAIN, BASES_LOST_UNTIL = "sync_refetch", "sync_bases_lost_until"
"""Facts of a restored server (app/sync/epoch.py): feeds are still to come again; it lived another life before."""
_STATUS_SOURCE = N_("两边不一样，选定")


@dataclass(frozen=True)
class ConflictSide:
    """One of the two values: in words, who wrote it, when, in which act and on which slip.

    ``value`` is the wire value; ``text`` shows codes as labels and numbers masked. ``here``: this device wrote it.
    """

    value: Any
    text: str
    who: str
    made_at: datetime | None
    act: str
    act_label: str
    slip: str
    here: bool
    stands: bool


@dataclass(frozen=True)
class ConflictItem:
    """One field that two sides changed, for a person to settle.

    ``ours`` was pushed second, ``theirs`` came to the district first; ``standing`` says which one the record shows now,
    "" when neither. ``removal``: asked is whether the record lives (restore or remove).
    """

    id: str
    record_type: str
    record_id: str
    subject: str
    field: str
    ours: dict[str, Any]
    theirs: dict[str, Any]
    standing: str
    since: datetime | None
    removal: bool
    sides: tuple[ConflictSide, ConflictSide]


@dataclass(frozen=True)
class OpenConflict:
    """An open conflict and what it is about in the end: a field of a record that is no conflict.

    ``chain``: the settled conflicts between, whose settlement it questions.
    """

    row: Conflict
    record_type: str
    record_id: str
    field: str
    chain: tuple[Conflict, ...] = ()

    @property
    def target(self) -> tuple[str, str, str]:
        """Return type, id and field of what it is about."""
        return self.record_type, self.record_id, self.field


def open_conflicts(tx: Transaction) -> list[OpenConflict]:
    """Return the questions that wait for a person, oldest first; each field's settlement is asked about once."""
    found = _all_open(tx)
    direct = {item.target for item in found if not item.chain}
    shown: list[OpenConflict] = []
    asked: set[tuple[str, str, str]] = set()
    for item in found:
        if item.chain and (item.target in direct or item.target in asked):
            continue
        if item.chain:
            asked.add(item.target)
        shown.append(item)
    return shown


def _all_open(tx: Transaction) -> list[OpenConflict]:
    tx.flush()
    query = (
        select(Conflict)
        .where(col(Conflict.state) == OPEN, col(Conflict.deleted_at).is_(None))
        .order_by(col(Conflict.created_at), col(Conflict.id))
    )
    return [item for item in (_trace(tx, row) for row in tx.session.scalars(query)) if item is not None]


def _trace(tx: Transaction, row: Conflict) -> OpenConflict | None:
    """Follow a conflict about settlements down to the record; None where a link is not on this device."""
    at, chain = row, []
    while at.record_type == CONFLICT_TYPE:
        below = tx.session.get(Conflict, at.record_id)
        if below is None or below in chain:
            return None
        chain.append(below)
        at = below
    return OpenConflict(row, at.record_type, at.record_id, at.field, tuple(chain))


def list_conflicts(tx: Transaction) -> tuple[ConflictItem, ...]:
    """Return every open conflict, oldest first."""
    found = open_conflicts(tx)
    if not found:
        return ()
    names, own = staff_names(tx), state.device_id(tx.session)
    return tuple(_item(tx, each, names, own) for each in found)


def _item(tx: Transaction, each: OpenConflict, names: Mapping[str, str], own: str) -> ConflictItem:
    nested = bool(each.chain)
    ours, theirs = _said(each.row.ours, nested=nested), _said(each.row.theirs, nested=nested)
    standing = _standing(tx, each, ours, theirs)
    return ConflictItem(
        id=each.row.id,
        record_type=each.record_type,
        record_id=each.record_id,
        subject=subject_of(tx, each.record_type, each.record_id),
        field=each.field,
        ours=ours,
        theirs=theirs,
        standing=standing,
        since=each.row.created_at,
        removal=each.field == DELETED,
        sides=(
            _side(tx, each, ours, names, own, stands=standing == OURS),
            _side(tx, each, theirs, names, own, stands=standing == THEIRS),
        ),
    )


def _said(side: Mapping[str, Any], *, nested: bool) -> dict[str, Any]:
    value = side.get("value")
    if nested:
        value = value.get("value") if isinstance(value, dict) else None
    return {**side, "value": value}


def _standing(tx: Transaction, each: OpenConflict, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    kind = find_type(each.record_type)
    record = tx.session.get(kind.model, each.record_id) if kind else None
    if kind is None or record is None or each.field not in kind.fields:
        return each.row.standing
    now = to_wire(getattr(record, each.field))
    if each.field == DELETED:  # the instant of a deletion says nothing: only whether there is one
        now, values = now is not None, (ours["value"] is not None, theirs["value"] is not None)
    else:
        values = (ours["value"], theirs["value"])
    return THEIRS if now == values[1] else OURS if now == values[0] else ""


def _side(
    tx: Transaction, each: OpenConflict, said: Mapping[str, Any], names: Mapping[str, str], own: str, *, stands: bool
) -> ConflictSide:
    name = str(said.get("act") or "")
    act, made = find_act(name), said.get("made_at")
    return ConflictSide(
        value=said["value"],
        text=say_value(each.record_type, each.field, said["value"]),
        who=names.get(str(said.get("actor") or ""), ""),
        made_at=_moment(made),
        act=name,
        act_label=_(act.label) if act else name,
        slip=_slip_of(tx, str(said.get("op") or "")),
        here=said.get("device") == own,
        stands=stands,
    )


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:  # kept as the other device sent it, and it judges nothing
        return None


def _slip_of(tx: Transaction, op: str) -> str:
    """Return the number of the slip or form that an act was about, as far as this device has it."""
    edits = select(col(OperationEdit.record_type), col(OperationEdit.record_id)).where(col(OperationEdit.op) == op)
    for record_type, record_id in tx.rows(edits):
        kind = find_type(record_type)
        row = tx.session.get(kind.model, record_id) if kind else None
        number = getattr(row, "slip_no", None) or getattr(row, "rec_no", None)
        if number:
            return str(number)
    return ""


def settle(tx: Transaction, conflict_id: str, choice: str, value: Any = None) -> Conflict:
    """Give the record the chosen value and close the conflict, in one operation that undo takes back.

    ``choice``: ``ours`` or ``theirs`` as the conflict names them, ``other`` with ``value``; where it is asked whether
    the record lives, also ``restore`` and ``remove``. Both values stay in the history.

    Raises:
        NotFoundError: there is no such conflict, or its record is not on this device.
        RuleError: it was settled already, the choice does not fit, or another file has this ID number.
        InvalidInputError: the value breaks a rule of its field or its record.
    """
    tx.act("conflict.settle")
    row = tx.get(Conflict, conflict_id)
    if row.state != OPEN:
        raise RuleError(_already(tx, row), code="conflict.settled")
    asked = _trace(tx, row)
    kind = find_type(asked.record_type) if asked else None
    record = tx.session.get(kind.model, asked.record_id) if kind and asked else None
    if asked is None or kind is None or record is None:
        raise NotFoundError(_("这台电脑上没有这份记录，请在办它的窗口选"))
    if asked.field not in kind.fields:
        raise RuleError(_("这台电脑的程序还不认识这一栏，请先升级"), code="conflict.newer")
    wanted = _wanted(asked, choice, value)
    if asked.field == DELETED:
        _live_or_not(tx, asked, record, wanted)
    else:
        wanted = _set(tx, kind, record, asked.field, wanted)
    _close(tx, asked, wanted)
    return row


def _already(tx: Transaction, row: Conflict) -> str:
    who = staff_names(tx).get(row.settled_by or "", "") or _("别的窗口")
    asked = _trace(tx, row)
    said = row.settled_value.get("value") if isinstance(row.settled_value, dict) else None
    text = say_value(asked.record_type, asked.field, said) if asked else ""
    return _("这一处 {who} 已经选定：{value}", who=who, value=text or _("（空）"))


def _wanted(asked: OpenConflict, choice: str, value: Any) -> Any:
    """Return the wire value that was chosen."""
    sides = [_said(side, nested=bool(asked.chain))["value"] for side in (asked.row.ours, asked.row.theirs)]
    if choice in (OURS, THEIRS):
        return sides[0 if choice == OURS else 1]
    if asked.field == DELETED and choice == RESTORE:
        return None
    if asked.field == DELETED and choice == REMOVE:
        return next((side for side in sides if side is not None), to_wire(clock.now()))
    if asked.field == DELETED or choice != OTHER:
        raise RuleError(_("这里只能选列出的那几样"), code="conflict.choice")
    return to_wire(None if value == "" else value)


def _live_or_not(tx: Transaction, asked: OpenConflict, record: Record, wanted: Any) -> None:
    """Restore a record, or mark it as deleted with the reason that was given where it was deleted."""
    if wanted is None:
        tx.change(record, {DELETED: None, REASON: None})
    elif record.deleted_at is None:
        tx.change(record, {DELETED: datetime.fromisoformat(wanted), REASON: _reason_given(tx, asked)})


def _reason_given(tx: Transaction, asked: OpenConflict) -> str:
    ops = [str(side.get("op") or "") for side in (asked.row.ours, asked.row.theirs)]
    edits = select(col(OperationEdit.changes)).where(
        col(OperationEdit.op).in_(ops), col(OperationEdit.record_id) == asked.record_id
    )
    for (changes,) in tx.rows(edits):
        if changes.get(REASON, (None, None))[1]:
            return str(changes[REASON][1])
    return _("两边不一样，选定作废")


def _set(tx: Transaction, kind: RecordType, record: Record, field: str, wanted: Any) -> Any:
    """Set the record's field as an edit like any other; return the wire value that it shows then."""
    facts = kind.fields[field]
    problem = check_wire(facts, wanted)
    if problem is not None and problem[0] != TOO_LONG:
        raise InvalidInputError({field: problem[1]})
    changes = _by_the_rules(kind, record, field, from_wire(facts, wanted))
    problem = check_wire(facts, to_wire(changes[field]))  # the rules may write it shorter: without blanks
    if problem is None and changes[field] is None and not table_of(kind.model).c[field].nullable:
        problem = ("required", _("这一栏不能空"))
    if problem is not None:
        raise InvalidInputError({field: problem[1]})
    if isinstance(record, Resident) and changes[field] != getattr(record, field):
        _check_resident(tx, record, changes)
    tx.change(record, changes)
    return to_wire(changes[field])


def _by_the_rules(kind: RecordType, record: Record, field: str, value: Any) -> dict[str, Any]:
    """Return the changes that the draft's rules allow: the value as they write it, with what follows from it."""
    draft = next(cls for cls in kind.model.__mro__[1:] if issubclass(cls, Draft) and not issubclass(cls, Record))
    if field not in draft.model_fields or getattr(record, field) == value:
        return {field: value}
    before = record.model_dump(include=set(draft.model_fields))
    try:
        return {field: getattr(parse_draft(draft, {**before, field: value}, complete=False), field)}
    except InvalidInputError as problem:
        fields = set(problem.fields)
        if fields <= draft.DERIVED and field not in draft.DERIVED:
            fresh = {**before, field: value, **dict.fromkeys(draft.DERIVED)}
            parsed = parse_draft(draft, fresh, complete=False)
            return {name: getattr(parsed, name) for name in (field, *sorted(draft.DERIVED))}
        if field not in fields and _is_broken(draft, before):
            return {field: value}  # an old fault elsewhere does not keep the question open
        raise


def _is_broken(draft: type[Draft], values: Mapping[str, Any]) -> bool:
    try:
        parse_draft(draft, values, complete=False)
    except InvalidInputError:
        return True
    return False


def _check_resident(tx: Transaction, record: Resident, changes: Mapping[str, Any]) -> None:
    """Refuse another file's ID number; write a changed employment status into its history."""
    if "id_no" in changes:
        twin = find_by_id_no(tx, record.id_type, changes["id_no"])
        if twin is not None and twin.id != record.id:
            raise RuleError(_("{name} 的档案已经用了这个证件号码", name=twin.name), code="resident.exists")
    if changes.get("emp_status"):
        set_emp_status(tx, record, changes["emp_status"], source=_STATUS_SOURCE)


def _close(tx: Transaction, asked: OpenConflict, wanted: Any) -> None:
    """Close the question, and with it the ones about how it was settled before."""
    closed = {asked.row.id: asked.row, **{row.id: row for row in asked.chain}}
    for other in _all_open(tx):
        if other.chain and other.target == asked.target:
            closed.update({row.id: row for row in (other.row, *other.chain)})
    # The value stands in an object: nothing chosen (null) would not differ from not settled.
    value = {"value": wanted}
    settled = {"state": SETTLED, "settled_by": tx.actor_id, "settled_at": clock.now(), "settled_value": value}
    restored = state.get_state(tx.session, BASES_LOST_UNTIL) is not None
    for row in closed.values():
        if row.rev == 0 and restored and not state.get_state(tx.session, FETCHING_AGAIN):
            _close_here(tx, row, settled)
        else:
            tx.change(row, settled)


def _close_here(tx: Transaction, row: Conflict, settled: Mapping[str, Any]) -> None:
    """Close a question of an earlier life of the server, which it does not know: it would send the whole act back."""
    table = table_of(Conflict)
    with tx.applying():
        tx.session.connection().execute(update(table).where(table.c.id == row.id).values(**settled))
    tx.session.refresh(row)
    tx.touched.add(CONFLICT_TYPE)
