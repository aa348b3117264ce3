"""What the merge of two files asks and says. No Qt but what the file's own words need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.models.masking import mask_address, mask_id, mask_mobile
from app.models.registry import find_type
from app.services import residents, timeline
from app.services.households import list_household
from app.services.merging import DROP, HOUSEHOLD, KEEP, RESIDENT, UNEMP_REG, MergePreview, compare_files
from app.services.residents import Duplicate, ResidentHit
from app.services.timeline import ResidentFile
from app.texts import _
from app.ui.resident_file.changes import field_label, value_text

if TYPE_CHECKING:
    from app.db.database import Transaction

FOUND = 60


@dataclass(frozen=True)
class Side:
    """One of the two files."""

    file: ResidentFile
    house: str

    @property
    def id(self) -> str:
        """The file's id."""
        return self.file.resident.id

    @property
    def name(self) -> str:
        """The person's name as this file has it."""
        return self.file.resident.name


@dataclass(frozen=True)
class Row:
    """One thing to choose: what the kept file says, and what the other."""

    name: str
    label: str
    keep: str
    drop: str


@dataclass(frozen=True)
class PairView:
    """Both files, and what a merge would ask and do."""

    keep: Side
    drop: Side
    preview: MergePreview


@dataclass(frozen=True)
class Candidate:
    """A file that may be the other one, with what speaks for it."""

    hit: ResidentHit
    reasons: str


def load_pair(tx: Transaction, *, keep: str, drop: str) -> PairView:
    """Read both files and compare them.

    Raises:
        NotFoundError: one of them is not there.
        RuleError: they are the same file.
    """
    preview = compare_files(tx, keep, drop)
    return PairView(_side(tx, keep), _side(tx, drop), preview)


def _side(tx: Transaction, resident_id: str) -> Side:
    file = timeline.load_file(tx, resident_id)
    house = list_household(tx, file.resident)
    words = (
        " ".join(str(part) for part in (house.household.building, house.household.house_no) if part) if house else ""
    )
    return Side(file, words)


def find_candidates(tx: Transaction, *, resident_id: str, typed: str) -> tuple[Candidate, ...]:
    """Return who may be the same person: by what was typed, else by number, name, birth date and phone."""
    if typed:
        hits = residents.search_residents(tx, typed, limit=FOUND)
        return tuple(Candidate(hit, "") for hit in hits if hit.id != resident_id)
    person = timeline.load_file(tx, resident_id).resident
    twins = residents.find_duplicates(
        tx,
        name=person.name,
        id_no=person.id_no or "",
        birth_date=person.birth_date,
        mobile=person.mobile or "",
        except_id=resident_id,
    )
    return tuple(_candidate(twin) for twin in twins)


def _candidate(twin: Duplicate) -> Candidate:
    return Candidate(twin.resident, "，".join(twin.same))


def rows_of(view: PairView) -> tuple[Row, ...]:
    """Return what is to be chosen: facts that differ, then the household, then whose unemployment counts."""
    rows = [
        Row(
            item.field,
            field_label(RESIDENT, item.field),
            value_text(RESIDENT, item.field, item.keep),
            _other(value_text(RESIDENT, item.field, item.keep), value_text(RESIDENT, item.field, item.drop)),
        )
        for item in view.preview.differences
    ]
    if view.preview.households:
        rows.append(Row(HOUSEHOLD, _("哪一户"), view.keep.house or "—", view.drop.house or "—"))
    if view.preview.cancelling:
        rows.append(Row(UNEMP_REG, _("失业登记以哪份为准"), _claim(view.keep), _claim(view.drop)))
    return tuple(rows)


def _other(keep: str, drop: str) -> str:
    """Return the other file's value; where the mask makes the two look alike, say so."""
    return _("{value}（遮住的不一样）", value=drop) if keep == drop else drop


def _claim(side: Side) -> str:
    row = side.file.unemployment
    return _("{no}，{day} 登记", no=row.rec_no or "", day=row.reg_date) if row is not None else "—"


def effects(view: PairView, chosen: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what will happen, by heading."""
    preview = view.preview
    moving = "，".join(_("{what} {n} 份", what=type_words(name), n=count) for name, count in preview.moving)
    filled = "、".join(field_label(RESIDENT, name) for name in preview.filled if name != HOUSEHOLD)
    taken = sum(side == DROP for side in chosen.values())
    lines = (
        (_("搬过去"), moving or _("没有要搬的")),
        (_("补上空着的"), filled),
        (_("用并进来那份的"), _("{n} 栏", n=taken) if taken else ""),
        (_("结束旧的求职登记"), "、".join(preview.closing)),
        (_("注销重复的失业登记"), "、".join(preview.cancelling)),
    )
    return tuple((label, words) for label, words in lines if words)


def type_words(name: str) -> str:
    """Return what a kind of record is called."""
    kind = find_type(name)
    return _(kind.label) if kind else name


def person_lines(side: Side) -> tuple[str, ...]:
    """Return what tells one file from the other: numbers masked, address to the building, how much there is."""
    person, file = side.file.resident, side.file
    registration = file.registration.rec_no if file.registration is not None else ""
    counts = _("{n} 条经过", n=len(file.happenings))
    slips = _("{n} 封推荐信", n=len(file.referrals)) if file.referrals else ""
    return (
        "  ".join(part for part in (mask_id(person.id_no), mask_mobile(person.mobile)) if part),
        mask_address(person.live_addr) or _("没有写住址"),
        "  ".join(part for part in (registration or _("没有求职登记"), counts, slips) if part),
    )


def default_choices(view: PairView) -> dict[str, str]:
    """Return the choices that stand at first: the kept file's; of two unemployment registrations the older."""
    chosen = {row.name: KEEP for row in rows_of(view)}
    claims = (view.keep.file.unemployment, view.drop.file.unemployment)
    if (
        UNEMP_REG in chosen
        and claims[0] is not None
        and claims[1] is not None
        and claims[1].reg_date < claims[0].reg_date
    ):
        chosen[UNEMP_REG] = DROP
    return chosen
