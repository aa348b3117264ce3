"""Two files of one person made one, and taken apart again: everything that hangs on the one goes to the other.

One operation of edits, so it works with unsent work and after a sync. What comes to the dropped file later, from a
counter that has not heard yet, is found by ``list_strays`` and follows by ``follow_merge``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.db.inserts import table_of
from app.errors import InvalidInputError, RuleError
from app.models.base import Record, parse_draft
from app.models.operation import Operation, OperationEdit
from app.models.registration import Registration, UnempReg
from app.models.registry import RECORD_TYPES, RecordType
from app.models.resident import HouseholdMember, Resident, ResidentDraft
from app.models.wire import to_wire
from app.services.history import DoneAct, undo
from app.services.record_words import say_value
from app.services.registrations import ACTIVE, EXPIRED
from app.services.unsent import is_withdrawn
from app.texts import _

KEEP, DROP = "keep", "drop"
MERGE, RESIDENT = "resident.merge", "resident"
DUPLICATE = "91"
"""Ground of cancelling an unemployment registration that was made twice (code list DEREG)."""

UNEMP_REG, HOUSEHOLD = "unemp_reg", "household_id"
_POINTERS = ("resident_id", "subject_id")
_IDENTITY = ("id_no", "id_type", "sex", "birth_date", "mismatch_confirmed")
_NO_FACTS = frozenset({HOUSEHOLD, "consent_id", "mismatch_confirmed", "id_type"})
_NOTE_LIMIT = 500


@dataclass(frozen=True)
class FileDifference:
    """A fact that the two files tell differently; values are wire values, texts are masked."""

    field: str
    keep: Any
    drop: Any
    keep_text: str
    drop_text: str


@dataclass(frozen=True)
class MergePreview:
    """What a merge would do: ``differences`` to choose, ``filled`` by the dropped file, ``moving`` records by type.

    ``closing``: numbers of the jobseeker registrations that end; ``cancelling``: of unemployment registrations made
    twice; ``households``: both belong to different ones, the kept file's stands unless chosen.
    """

    keep_id: str
    drop_id: str
    differences: tuple[FileDifference, ...]
    filled: tuple[str, ...]
    moving: tuple[tuple[str, int], ...]
    closing: tuple[str, ...]
    cancelling: tuple[str, ...]
    households: bool


@dataclass(frozen=True)
class Strays:
    """Records that came to a dropped file after it was merged."""

    drop_id: str
    keep_id: str
    count: int


def compare_files(tx: Transaction, keep_id: str, drop_id: str) -> MergePreview:
    """Return what a merge of these two files would ask and do.

    Raises:
        NotFoundError: one of them is not there.
        RuleError: they are the same file.
    """
    keep, drop = _both(tx, keep_id, drop_id)
    people = [keep_id, drop_id]
    moving = Counter(kind.name for kind, _name, _row in _hanging(tx, drop_id))
    return MergePreview(
        keep_id=keep_id,
        drop_id=drop_id,
        differences=tuple(_difference(keep, drop, name) for name in _facts() if _differ(keep, drop, name)),
        filled=tuple(name for name in _facts() if _is_empty(keep, name) and not _is_empty(drop, name)),
        moving=tuple((kind.name, moving[kind.name]) for kind in RECORD_TYPES if moving[kind.name]),
        closing=tuple(row.rec_no or "" for row in _active(tx, Registration, people)[:-1]),
        cancelling=tuple(row.rec_no or "" for row in _active(tx, UnempReg, people)[1:]),
        households=bool(keep.household_id and drop.household_id and keep.household_id != drop.household_id),
    )


def merge_files(tx: Transaction, keep_id: str, drop_id: str, choices: Mapping[str, str] | None = None) -> Resident:
    """Make one file of two: facts, and everything that hangs on ``drop_id``, go to ``keep_id``, which is returned.

    ``choices``: field → ``keep`` or ``drop``, of the facts that differ (default: the kept file's), of ``household_id``
    and of ``unemp_reg`` (whose unemployment registration counts; default: the older). What the kept file lacks, the
    other fills. Of two jobseeker registrations in force the older ends.

    Raises:
        NotFoundError: one of them is not there.
        RuleError: they are the same file.
        InvalidInputError: a choice is none, or the facts chosen do not go together.
    """
    tx.act(MERGE)
    keep, drop = _both(tx, keep_id, drop_id)
    chosen = dict(choices or {})
    _check_choices(chosen)
    tx.change(keep, _merged_facts(keep, drop, chosen))
    _merge_households(tx, keep, drop, chosen.get(HOUSEHOLD, KEEP))
    preferred = keep_id if chosen.get(UNEMP_REG) == KEEP else drop_id if chosen.get(UNEMP_REG) == DROP else None
    _close_doubles(tx, [keep_id, drop_id], preferred)
    _repoint(tx, drop_id, keep_id)
    # Touched in any case: so two counters that merge the same two files the other way round are asked, not obeyed.
    keep.remark = _with_note(keep.remark, _("{day} 并入同一人的另一份档案", day=clock.today().isoformat()))
    tx.remove(drop, _("同一人，已并入 {name} 的档案（{id}）", name=keep.name, id=keep.id))
    return keep


def _both(tx: Transaction, keep_id: str, drop_id: str) -> tuple[Resident, Resident]:
    if keep_id == drop_id:
        raise RuleError(_("这是同一份档案，不用并"), code="merge.same")
    return tx.get(Resident, keep_id), tx.get(Resident, drop_id)


def _check_choices(choices: Mapping[str, str]) -> None:
    known = {*_facts(), HOUSEHOLD, UNEMP_REG}
    wrong = {name: _("这里只能选列出的那几样") for name, side in choices.items()
             if name not in known or side not in (KEEP, DROP)}  # fmt: skip
    if wrong:
        raise InvalidInputError(wrong)


def _facts() -> tuple[str, ...]:
    return tuple(name for name in ResidentDraft.model_fields if name not in _NO_FACTS)


def _is_empty(row: Resident, name: str) -> bool:
    return getattr(row, name) in (None, "", [], {})


def _differ(keep: Resident, drop: Resident, name: str) -> bool:
    return not _is_empty(keep, name) and not _is_empty(drop, name) and getattr(keep, name) != getattr(drop, name)


def _difference(keep: Resident, drop: Resident, name: str) -> FileDifference:
    left, right = to_wire(getattr(keep, name)), to_wire(getattr(drop, name))
    return FileDifference(name, left, right, say_value(RESIDENT, name, left), say_value(RESIDENT, name, right))


def _merged_facts(keep: Resident, drop: Resident, choices: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of the kept file that change; the number brings its kind, sex and birth date."""
    taken = []
    for name in _facts():
        fills = _is_empty(keep, name) and not _is_empty(drop, name)
        if choices.get(name, DROP if fills else KEEP) == DROP and not _is_empty(drop, name):
            taken.append(name)
    if "id_no" in taken:
        taken = [*(name for name in taken if name not in _IDENTITY), *_IDENTITY]
    changes = {name: getattr(drop, name) for name in taken}
    if not keep.consent_id:
        changes["consent_id"] = drop.consent_id
    known = keep.model_dump(include=set(ResidentDraft.model_fields))
    try:
        parse_draft(ResidentDraft, {**known, **changes}, complete=False)
    except InvalidInputError as problem:
        if set(problem.fields) & set(changes):
            raise
    return changes


def _merge_households(tx: Transaction, keep: Resident, drop: Resident, choice: str) -> None:
    """Leave the person once, in one household: the chosen one, or the only one known."""
    first, second = (drop, keep) if choice == DROP else (keep, drop)
    target = first.household_id or second.household_id
    statement = select(HouseholdMember).where(
        col(HouseholdMember.resident_id).in_([keep.id, drop.id]), col(HouseholdMember.deleted_at).is_(None)
    )
    rows = sorted(tx.session.scalars(statement), key=lambda row: (row.resident_id != first.id, row.id))
    known = False
    for row in rows:
        if row.household_id != target or known:
            tx.remove(row, _("同一人的两份档案并成一份"))
        else:
            known = True
    if keep.household_id != target:
        keep.household_id = target


def _close_doubles(tx: Transaction, people: Sequence[str], preferred: str | None) -> None:
    wishes = _active(tx, Registration, people)
    for row in wishes[:-1]:
        row.status = EXPIRED
        row.remark = _with_note(row.remark, _("并档案时结束，以 {no} 为准", no=wishes[-1].rec_no or wishes[-1].id))
    claims = _active(tx, UnempReg, people)
    stays = next((row for row in claims if row.resident_id == preferred), claims[0] if claims else None)
    for row in claims:
        if row is not stays:
            row.dereg_date, row.dereg_reason = max(clock.today(), row.reg_date), DUPLICATE


def _active(tx: Transaction, model: type[Any], people: Sequence[str]) -> list[Any]:
    """Return these people's registrations in force, oldest first."""
    in_force = model.status == ACTIVE if model is Registration else model.dereg_date.is_(None)
    statement = select(model).where(model.resident_id.in_(people), model.deleted_at.is_(None), in_force)
    return list(tx.session.scalars(statement.order_by(model.reg_date, model.created_at, model.id)))


def _with_note(remark: str | None, note: str) -> str:
    if not remark:
        return note
    return f"{remark[: _NOTE_LIMIT - len(note) - 1]}；{note}"


def _hanging(tx: Transaction, resident_id: str) -> Iterator[tuple[RecordType, str, Record]]:
    """Yield every record that points to this person; one that the district never had and nobody sees stays."""
    tx.flush()
    for kind in RECORD_TYPES:
        for name in _POINTERS:
            if name not in kind.fields:
                continue
            model: Any = kind.model
            for row in list(tx.session.scalars(select(model).where(getattr(model, name) == resident_id))):
                if row.deleted_at is None or row.rev > 0:
                    yield kind, name, row


def _repoint(tx: Transaction, source: str, target: str) -> int:
    count = 0
    for _kind, name, row in list(_hanging(tx, source)):
        setattr(row, name, target)
        count += 1
    return count


def merged_into(tx: Transaction, drop_id: str) -> str | None:
    """Return the file that a dropped one went into, or None: so that an old link leads on."""
    op = _merge_of(tx, drop_id)
    drop = tx.session.get(Resident, drop_id)
    if op is None or drop is None or drop.deleted_at is None:
        return None
    query = select(col(OperationEdit.record_id)).where(
        col(OperationEdit.op) == op, col(OperationEdit.record_type) == RESIDENT, col(OperationEdit.record_id) != drop_id
    )
    return next((str(record_id) for (record_id,) in tx.rows(query)), None)


def _merge_of(tx: Transaction, drop_id: str) -> str | None:
    """Return the operation that merged this file into another and is not taken back."""
    edit = table_of(OperationEdit)
    query = (
        select(edit.c.op, edit.c.changes)
        .join(Operation, col(Operation.op) == edit.c.op)
        .where(edit.c.record_type == RESIDENT, edit.c.record_id == drop_id, col(Operation.act) == MERGE)
        .order_by(col(Operation.made_at).desc(), col(Operation.op))
    )
    undone = {op for (op,) in tx.rows(select(col(Operation.undoes)).where(col(Operation.undoes).is_not(None)))}
    for op, changes in tx.rows(query):
        if op not in undone and "created_at" not in changes and changes.get("deleted_at", (None, None))[1]:
            return str(op)
    return None


def unmerge(tx: Transaction, drop_id: str) -> DoneAct:
    """Take two files apart again, whichever counter made them one: what came from the dropped file goes back to it.

    What was done since stays with the kept file.

    Raises:
        RuleError: this file was not merged, was taken apart already, or the district never had it.
    """
    tx.act("undo")
    tx.act(MERGE)
    op = _merge_of(tx, drop_id)
    drop = tx.session.get(Resident, drop_id)
    if op is None or drop is None or drop.deleted_at is None or is_withdrawn(tx, RESIDENT, drop_id):
        raise RuleError(_("这份档案没有并过，或者已经拆开了"), code="merge.none")
    kept = merged_into(tx, drop_id)
    done = undo(tx, op, anywhere=True)
    if kept is not None:
        _send_back(tx, kept, drop_id)
    for person in (kept, drop_id):
        if person is not None:
            _leave_newest(tx, person)
    return done


def _send_back(tx: Transaction, keep_id: str, drop_id: str) -> None:
    """Give back also what came to the dropped file after the merge and followed it."""
    query = (
        select(col(OperationEdit.record_type), col(OperationEdit.record_id), col(OperationEdit.changes))
        .join(Operation, col(Operation.op) == col(OperationEdit.op))
        .where(col(Operation.act) == MERGE)
    )
    came = {
        (kind_name, record_id)
        for kind_name, record_id, changes in tx.rows(query)
        if any(changes.get(name) == [drop_id, keep_id] for name in _POINTERS)
    }
    for kind, name, row in list(_hanging(tx, keep_id)):
        if (kind.name, row.id) in came:
            setattr(row, name, drop_id)


def _leave_newest(tx: Transaction, resident_id: str) -> None:
    """End the older of two jobseeker registrations in force: one came back, another was opened meanwhile."""
    for row in _active(tx, Registration, [resident_id])[:-1]:
        row.status = EXPIRED


def list_strays(tx: Transaction) -> tuple[Strays, ...]:
    """Return the dropped files to which something came after they were merged."""
    edit = table_of(OperationEdit)
    query = (
        select(edit.c.record_id)
        .join(Operation, col(Operation.op) == edit.c.op)
        .join(Resident, col(Resident.id) == edit.c.record_id)
        .where(edit.c.record_type == RESIDENT, col(Operation.act) == MERGE, col(Resident.deleted_at).is_not(None))
        .distinct()
    )
    found = []
    for (drop_id,) in tx.rows(query):
        count = _count_live(tx, drop_id)
        keep_id = merged_into(tx, drop_id) if count else None
        if keep_id is not None:
            found.append(Strays(drop_id, keep_id, count))
    return tuple(found)


def _count_live(tx: Transaction, resident_id: str) -> int:
    count = 0
    for kind in RECORD_TYPES:
        if "resident_id" in kind.fields:
            table = table_of(kind.model)
            live = (table.c.resident_id == resident_id, table.c.deleted_at.is_(None))
            count += int(tx.rows(select(func.count()).select_from(table).where(*live))[0][0])
    return count


def follow_merge(tx: Transaction, drop_id: str) -> int:
    """Move what came to a dropped file since to the file it went into; return how many records.

    Raises:
        RuleError: this file was not merged.
    """
    tx.act(MERGE)
    keep_id = merged_into(tx, drop_id)
    if keep_id is None or tx.find(Resident, keep_id) is None:
        raise RuleError(_("这份档案没有并过，或者已经拆开了"), code="merge.none")
    _close_doubles(tx, [keep_id, drop_id], None)
    return _repoint(tx, drop_id, keep_id)
