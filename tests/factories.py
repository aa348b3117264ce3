"""Fictional records: one function per record type (domain sheet section 10; ID numbers use sequence 996-999)."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.ledgers.period import month_of
from app.models.base import Record, parse_draft
from app.models.check_chars import id_check_char, uscc_check_char
from app.models.conflict import Conflict
from app.models.duplicate import DuplicateHint
from app.models.employer import Employer, Vacancy
from app.models.month_close import MonthClose, MonthCloseDraft, close_key
from app.models.referral import Referral
from app.models.registration import Registration, UnempReg
from app.models.resident import Consent, Household, HouseholdMember, Resident
from app.models.station import PolicyParam, Staff, Station
from app.services import employers, referrals, registrations, residents, staff, vacancies
from tests.field_factory import FieldFactory
from tests.training_factory import TrainingFactory

STAFF_ID = "0198f3c2-7d10-7c3e-9a55-000000000001"
_serial = count(1)
NAMES = (
    "沈以安",
    "陆知夏",
    "葛守成",
    "冯巧云",
    "姚景行",
    "郑阿珍",
    "毛立根",
    "金晓岚",
    "钱望舒",
    "顾念真",
    "周素琴",
    "徐家宝",
)

RESIDENT: dict[str, Any] = {
    "name": "葛守成",
    "id_type": "01",
    "id_no": "330110197002189991",
    "edu_level": "61",
    "hukou_region": "330110",
    "live_region": "330110012",
    "live_addr": "溪桥苑 5 幢 2 单元 301",
    "mobile": "19900000003",
    "emp_status": "22",
}
REGISTRATION: dict[str, Any] = {
    "person_class": "1",
    "intents": [{"trade": "4-12", "text": "水电维修", "wage_min": 450000, "form": "1"}],
    "accept_shift": ["01"],
    "max_commute_km": 3.0,
    "commute_mode": "2",
    "accept_gig": False,
    "accept_training": True,
    "accept_internship": False,
    "accept_pwpost": True,
    "guidance_need": False,
    "training_need": True,
    "startup_need": False,
    "publish_consent": True,
}
EMPLOYER: dict[str, Any] = {
    "uscc": "91330110MADEM1A18W",
    "name": "杭州云禾物业服务有限公司",
    "employer_kind": "12",
    "industry": "K",
    "legal_rep": "许云",
    "reg_addr": "仓前街道葛溪路 18 号",
    "work_addr": "仓前街道葛溪路 18 号",
    "contact": "许经理",
    "phone": "0571-00000118",
    "licence_valid_to": date(2036, 1, 1),
    "agent_name": "许禾",
}
VACANCY: dict[str, Any] = {
    "title": "水电维修工",
    "trade": "4-12",
    "openings": 1,
    "work_form": "1",
    "contract_type": "10",
    "duty": "小区水电设施的日常巡检和维修，保持记录",
    "work_place": "仓前街道葛溪路 18 号",
    "region": "330110012",
    "pay_unit": "M",
    "pay_min": 450000,
    "pay_max": 550000,
    "hours_day": 8.0,
    "days_week": 5.0,
    "shift": ["01"],
    "si_items": ["1"],
    "edu_min": "90",
}
NOTICE = {"kind": "1", "agreed": True}


def fictional_id(birth: str, sequence: int = 999, region: str = "330110") -> str:
    """Return an ID number of the test range 996-999."""
    body = f"{region}{birth}{sequence:03d}"
    return body + id_check_char(body)


def fictional_uscc(serial: int) -> str:
    """Return a credit code nobody has."""
    from app.models.check_chars import org_check_char

    org = f"MADE{serial:04d}"
    body = "91330110" + org + org_check_char(org)
    return body + uscc_check_char(body)


class Factory(TrainingFactory, FieldFactory):
    """Makes records through the services, each different from the last."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def resident(self, **values: Any) -> Resident:
        """Register a man of working age, whatever ran before: no test may hang on the serial."""
        n = next(_serial)
        born = date(1975, 1, 1) + timedelta(days=n * 7 % 7000)
        fresh = {
            "name": NAMES[n % len(NAMES)],
            "id_no": fictional_id(f"{born:%Y%m%d}", 997 + n % 2 * 2),
            "mobile": f"1990000{n % 10000:04d}",
        }
        return residents.register_resident(self.tx, {**RESIDENT, **fresh, **values}, consents=[NOTICE])

    def registration(self, resident: Resident | None = None, **values: Any) -> Registration:
        person = resident or self.resident()
        return registrations.open_registration(self.tx, {**REGISTRATION, "resident_id": person.id, **values})

    def unemp_reg(self, resident: Resident | None = None, **values: Any) -> UnempReg:
        person = resident or self.resident(id_no=fictional_id("19850503", 998), name="顾念真")
        base = {"reg_place_basis": "2", "unemp_date": clock.today() - timedelta(days=30), "reg_scope": "1"}
        return registrations.register_unemployment(
            self.tx, {**base, "unemp_reason": "22", "resident_id": person.id, **values}
        )

    def employer(self, **values: Any) -> Employer:
        n = next(_serial)
        fresh = {"uscc": fictional_uscc(n), "name": f"杭州云禾第{n}物业服务有限公司"}
        row = employers.add_employer(self.tx, {**EMPLOYER, **fresh, **values})
        row.verify_state = "20"
        return row

    def vacancy(self, employer: Employer | None = None, *, published: bool = True, **values: Any) -> Vacancy:
        owner = employer or self.employer()
        row = vacancies.add_vacancy(self.tx, {**VACANCY, "employer_id": owner.id, **values})
        if published:
            vacancies.publish_vacancy(self.tx, row.id)
        return row

    def referral(self, vacancy: Vacancy | None = None, resident: Resident | None = None, **values: Any) -> Referral:
        post = vacancy or self.vacancy()
        person = resident or self.resident()
        if registrations.active_registration(self.tx, person.id) is None:
            self.registration(person)
        return referrals.issue_referral(
            self.tx, resident_id=person.id, vacancy_id=post.id, consent_share=True, **values
        )

    def staff(self, **values: Any) -> Staff:
        return staff.add_staff(self.tx, {"name": f"方静{next(_serial)}", "roles": ["clerk"], **values})

    def consent(self, resident: Resident | None = None) -> Consent:
        return residents.record_consent(self.tx, (resident or self.resident()).id, {"kind": "2", "agreed": True})

    def household(self, **values: Any) -> Household:
        self.tx.act("household.save")
        draft = {"house_no": "301", "building": "溪桥苑 5 幢", "hukou_household": True, "has_business_income": False}
        return self.tx.add(Household.model_validate({**draft, **values}))

    def household_member(self, **values: Any) -> HouseholdMember:
        self.tx.act("household.save")
        base = {"household_id": self.household().id, "relation": "0", "able": True, "willing": True}
        return self.tx.add(HouseholdMember.model_validate({**base, "status_at_check": "21", **values}))

    def station(self, **values: Any) -> Station:
        self.tx.act("station.edit")
        return self.tx.add(
            Station.model_validate({"name": "乐业空间", "code": "310110008001", "county_code": "310110"})
        )

    def policy_param(self, **values: Any) -> PolicyParam:
        self.tx.act("station.edit")
        base = {"key": "ref.valid_days", "value": 10, "effective_from": date(2026, 1, 1)}
        return self.tx.add(PolicyParam.model_validate({**base, **values}))

    def conflict(self, **values: Any) -> Conflict:
        """As the district makes it; capture takes it in only while the district's entries are applied."""
        base = {"record_type": "resident", "record_id": clock.new_id(), "field": "mobile", "standing": "theirs"}
        return Conflict.model_validate({**base, **values})

    def duplicate_hint(self, **values: Any) -> DuplicateHint:
        """As the district makes it: no station writes one."""
        base = {"resident_id": clock.new_id(), "other_station": "330110012002", "other_name": "乐业空间"}
        return DuplicateHint.model_validate({**base, **values})

    def slip_print(self, **values: Any) -> Record:
        return referrals.record_print(self.tx, self.referral().id, paper="A4", way="pdf")

    def month_close(self, **values: Any) -> MonthClose:
        """As it stands when last month was closed without a row in it; its attachments are not here."""
        last = month_of(clock.today()).before().slug
        code = self.tx.rows(select(col(Station.code)).limit(1))[0][0]
        frozen = {"code": "L02", "rows": 0, "corrections": 0, "sha256": "0" * 64, "blobs": []}
        base = {
            "close_key": close_key(code, last, 1),
            "month": last,
            "closed_by": STAFF_ID,
            "closed_name": "陶丽华",
            "closed_at": clock.now(),
            "unit": "溪桥社区就业服务站",
            "ledgers": [frozen],
        }
        self.tx.act("month.close")
        return self.tx.add(MonthClose.from_draft(parse_draft(MonthCloseDraft, {**base, **values})))

    def service_event(self, **values: Any) -> Record:
        from sqlmodel import select

        from app.models.registration import ServiceEvent
        from app.services.traces import reveal

        reveal(self.tx, self.resident().id, "id_no", "1")
        self.tx.flush()
        return self.tx.session.exec(select(ServiceEvent).order_by(ServiceEvent.id.desc())).first()  # type: ignore

    def emp_status(self, **values: Any) -> Record:
        from sqlmodel import select

        from app.models.registration import EmpStatus

        person = self.resident()
        self.tx.flush()
        return self.tx.session.exec(select(EmpStatus).where(EmpStatus.resident_id == person.id)).first()  # type: ignore
