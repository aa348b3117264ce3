"""Every record type that synchronises, declared once: its table, its feed, who owns each field, what a conflict does.

Generic code reads this; no code asks ``if type.name == …``. Parents stand before children. Wire names never change.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.models import acts
from app.models.attendance import Assessment, Attendance
from app.models.base import LOCAL_FIELDS, Record
from app.models.certificate import Certificate
from app.models.conflict import Conflict
from app.models.craft import CraftAssign, CraftDelivery, CraftOrder
from app.models.duplicate import DuplicateHint
from app.models.employer import Employer, Vacancy
from app.models.guidance import Guidance, PolicyIntro
from app.models.month_close import MonthClose, blobs_of
from app.models.names import search_tokens
from app.models.referral import Referral, SlipPrint
from app.models.registration import EmpStatus, Registration, ServiceEvent, UnempReg
from app.models.resident import Consent, Household, HouseholdMember, Resident
from app.models.station import PolicyParam, Staff, Station
from app.models.training import Course, EligibilityCheck, Enrolment, Lesson, LessonNote, TrainingClass
from app.models.visit import Followup, Visit
from app.models.wire import FieldKind, kinds_of
from app.texts import N_

STATION, MARKET, TRAINING, OFFICE = "station", "market", "training", "office"

ASK, KEEP_DISTRICT, APPEND = "ask", "keep_district", "append"
"""What a conflict on a field does: a person is asked (the district's value stands meanwhile); the district's value
stays without a question; the record is append-only, so the latest operation stands and all are kept."""

_STATION_ROLES = frozenset({acts.CLERK, acts.SUPERVISOR})
_MARKET_ROLES = frozenset({acts.CLERK, acts.SUPERVISOR, acts.OFFICER})
_CLASSROOM_ROLES = frozenset({acts.CLERK, acts.SUPERVISOR, acts.TRAINER})


@dataclass(frozen=True)
class RecordType:
    """One synchronised type.

    ``feed``: the kind of feed its records live in; ``None`` where a record follows another record's feed (conflicts).
    ``writers``: roles whose devices may write it; empty = the district alone.
    ``district_fields``: fields that stations never write. ``keep_district``: fields whose conflict asks nobody.
    ``unique``: fields whose value only one record of the whole district may hold; the district refuses a second one.
    ``taken``: what the district says of such a second one. ``search``: tokens for the search index, from the record's
    values. ``blobs``: hash and size of the attachments that a record's values name.
    """

    name: str
    model: type[Record]
    feed: str | None
    label: str
    writers: frozenset[str] = _STATION_ROLES
    district_fields: frozenset[str] = frozenset()
    keep_district: frozenset[str] = frozenset()
    append_only: bool = False
    unique: frozenset[str] = frozenset()
    taken: str = ""
    search: Callable[[Mapping[str, Any]], str] | None = None
    blobs: Callable[[Mapping[str, Any]], Iterable[tuple[str, int]]] | None = None

    @property
    def fields(self) -> Mapping[str, FieldKind]:
        """Return the fields that travel, by name."""
        return _fields_of(self.model)

    def owner(self, field: str) -> str:
        """Return who writes the field: ``staff`` or ``district``."""
        return "district" if not self.writers or field in self.district_fields else "staff"

    def on_conflict(self, field: str) -> str:
        """Return what a conflict on this field does."""
        if self.append_only:
            return APPEND
        return KEEP_DISTRICT if field in self.keep_district or self.owner(field) == "district" else ASK


@cache
def _fields_of(model: type[Record]) -> Mapping[str, FieldKind]:
    return {name: kind for name, kind in kinds_of(model).items() if name not in LOCAL_FIELDS}


def _resident_tokens(values: Mapping[str, Any]) -> str:
    return search_tokens(values["name"], id_no=values.get("id_no"), mobile=values.get("mobile"))


_WHO_WHEN = frozenset({"created_by", "created_at", "source_channel"})

RECORD_TYPES: tuple[RecordType, ...] = (
    RecordType("station", Station, STATION, N_("站点"), writers=frozenset({acts.SUPERVISOR}) | _STATION_ROLES),
    RecordType("staff", Staff, STATION, N_("人员")),
    RecordType("policy_param", PolicyParam, MARKET, N_("区里参数"), writers=frozenset({acts.OFFICER})),
    RecordType("household", Household, STATION, N_("家庭"), keep_district=_WHO_WHEN),
    RecordType("resident", Resident, STATION, N_("居民"), keep_district=_WHO_WHEN, search=_resident_tokens),
    RecordType("household_member", HouseholdMember, STATION, N_("家庭成员"), keep_district=_WHO_WHEN),
    RecordType("consent", Consent, STATION, N_("告知同意"), keep_district=_WHO_WHEN),
    RecordType("registration", Registration, STATION, N_("求职登记"), keep_district=_WHO_WHEN),
    RecordType("unemp_reg", UnempReg, STATION, N_("失业登记"), keep_district=_WHO_WHEN),
    RecordType("emp_status", EmpStatus, STATION, N_("就业状态变动"), append_only=True),
    RecordType("employer", Employer, MARKET, N_("用人单位"), writers=_MARKET_ROLES, keep_district=_WHO_WHEN),
    RecordType(
        "vacancy",
        Vacancy,
        MARKET,
        N_("岗位"),
        writers=_MARKET_ROLES,
        district_fields=frozenset({"remaining"}),
        keep_district=_WHO_WHEN | {"last_referred_at"},
    ),
    RecordType(
        "referral",
        Referral,
        STATION,
        N_("推荐"),
        district_fields=frozenset({"place"}),
        keep_district=_WHO_WHEN,
        unique=frozenset({"slip_no"}),
    ),
    RecordType("slip_print", SlipPrint, STATION, N_("推荐信打印"), append_only=True),
    RecordType("duplicate_hint", DuplicateHint, STATION, N_("别站已登记"), writers=frozenset()),
    RecordType("course", Course, TRAINING, N_("培训项目"), keep_district=_WHO_WHEN),
    RecordType(
        "training_class",
        TrainingClass,
        TRAINING,
        N_("班期"),
        keep_district=_WHO_WHEN | {"news", "news_no"},
        unique=frozenset({"class_no"}),
    ),
    RecordType("lesson", Lesson, TRAINING, N_("课次"), keep_district=_WHO_WHEN | {"number"}),
    RecordType(
        "enrolment",
        Enrolment,
        TRAINING,
        N_("报名"),
        district_fields=frozenset({"seat"}),
        keep_district=_WHO_WHEN | {"told_news", "told_seat", "told_at"},
        unique=frozenset({"enrol_no"}),
    ),
    RecordType("eligibility_check", EligibilityCheck, STATION, N_("资格核验"), append_only=True),
    RecordType("attendance", Attendance, TRAINING, N_("考勤"), writers=_CLASSROOM_ROLES, append_only=True),
    RecordType("lesson_note", LessonNote, TRAINING, N_("上课记录"), writers=_CLASSROOM_ROLES, append_only=True),
    RecordType("assessment", Assessment, TRAINING, N_("考核成绩"), writers=_CLASSROOM_ROLES, append_only=True),
    RecordType(
        "certificate",
        Certificate,
        TRAINING,
        N_("证书"),
        keep_district=_WHO_WHEN,
        unique=frozenset({"cert_no"}),
    ),
    RecordType(
        "craft_order",
        CraftOrder,
        STATION,
        N_("来料加工订单"),
        keep_district=_WHO_WHEN,
        unique=frozenset({"order_no"}),
    ),
    RecordType("craft_assign", CraftAssign, STATION, N_("领料"), keep_district=_WHO_WHEN),
    RecordType("craft_delivery", CraftDelivery, STATION, N_("交货"), keep_district=_WHO_WHEN),
    RecordType("visit", Visit, STATION, N_("走访记录"), keep_district=_WHO_WHEN | {"entered_at"}),
    RecordType("followup", Followup, STATION, N_("回访记录"), keep_district=_WHO_WHEN | {"entered_at"}),
    RecordType("guidance", Guidance, STATION, N_("职业指导记录"), keep_district=_WHO_WHEN | {"entered_at"}),
    RecordType("policy_intro", PolicyIntro, STATION, N_("政策宣介记录"), keep_district=_WHO_WHEN | {"entered_at"}),
    RecordType(
        "month_close",
        MonthClose,
        STATION,
        N_("月度结账"),
        keep_district=_WHO_WHEN | frozenset(MonthClose.model_fields),  # two who open it again: the first one stands
        unique=frozenset({"close_key"}),
        taken=N_("这个月已经由本站另一台电脑结账，这一次不作数，台账以区里收到的那一次为准。撤下这一笔就行"),
        blobs=blobs_of,
    ),
    RecordType("service_event", ServiceEvent, STATION, N_("留痕"), append_only=True),
    RecordType(
        "conflict",
        Conflict,
        None,
        N_("两边不一样"),
        writers=_MARKET_ROLES,
        keep_district=frozenset({"state", "settled_by", "settled_at"}),  # settled otherwise: asked by settled_value
    ),
)


@cache
def _by_name() -> dict[str, RecordType]:
    return {item.name: item for item in RECORD_TYPES}


@cache
def _by_model() -> dict[type[Record], RecordType]:
    return {item.model: item for item in RECORD_TYPES}


def find_type(name: str) -> RecordType | None:
    """Return the record type of that wire name, if there is one."""
    return _by_name().get(name)


def type_of(model: type[Record]) -> RecordType:
    """Return the record type that a table class belongs to; KeyError is our mistake: it is not registered."""
    return _by_model()[model]


@cache
def naming_types() -> frozenset[str]:
    """Return the types whose records name attachments."""
    return frozenset(item.name for item in RECORD_TYPES if item.blobs is not None)
