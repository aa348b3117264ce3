"""Fictional records of training and home craft (domain sheet section 10)."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from app import clock
from app.db.database import Transaction
from app.models.attendance import Assessment, Attendance
from app.models.certificate import Certificate
from app.models.craft import CraftAssign, CraftDelivery, CraftOrder
from app.models.resident import Resident
from app.models.training import Course, EligibilityCheck, Enrolment, Lesson, LessonNote, TrainingClass
from app.services.training import (
    calendar,
    certificates,
    classes,
    completion,
    courses,
    crafts,
    eligibility,
    enrolments,
    marking,
)
from app.services.training.calendar import PlannedLesson

if TYPE_CHECKING:
    from tests.factories import Factory

COURSE: dict[str, Any] = {
    "name": "家政服务员（初级）",
    "trade": "4-10",
    "level": "L2",
    "train_type": "1",
    "hours_total": 40,
    "hours_theory": 12,
    "hours_practice": 28,
    "provider_name": "衢州柚见家政服务有限公司",
    "in_catalogue": True,
    "subsidy_amount": 120000,
    "free": True,
    "assess_way": "3",
    "cert_type": "1",
    "cert_name": "家政服务员职业技能等级证书",
}
CRAFT_COURSE: dict[str, Any] = {
    "name": "钩针编织“特别匠人”班",
    "trade": "6-09",
    "level": "L0",
    "train_type": "9",
    "hours_total": 24,
    "hours_theory": 4,
    "hours_practice": 20,
    "provider_name": "上海织里记文创有限公司",
    "in_catalogue": False,
    "subsidy_amount": None,
    "free": True,
    "assess_way": "5",
    "cert_type": "6",
    "cert_name": None,
}
ELECTRICIAN: dict[str, Any] = {
    **COURSE,
    "name": "低压电工作业取证",
    "trade": "6-29",
    "hours_total": 88,
    "hours_theory": 48,
    "hours_practice": 40,
    "cert_type": "4",
    "cert_name": "低压电工作业证",
    "cert_months": 72,
}
EVERY_DAY = [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "13:30", "to": "17:00", "hours": 4}]
ORDER: dict[str, Any] = {
    "product": "钩针玩偶",
    "requirements": "按样品钩织，填棉均匀，线头藏好",
    "quantity": 300,
    "unit": "只",
    "piece_pay": 1800,
    "materials": [{"name": "奶棉线", "quantity": 40, "unit": "团", "return_rest": True}],
    "quality_rule": "掉针、脏污返工，返工后再验",
    "settle_way": "验收后 7 天内按件结清",
    "no_deposit": True,
}


class TrainingFactory:
    """Makes courses, classes and what follows, through the services."""

    tx: Transaction

    def course(self, **values: Any) -> Course:
        n = len(courses.list_courses(self.tx, all_of_them=True))
        fresh = {"name": COURSE["name"] if n == 0 else f"{COURSE['name']}{n}"}
        return courses.add_course(self.tx, {**COURSE, **fresh, **values})

    def training_class(
        self,
        course: Course | None = None,
        *,
        lessons: int = 5,
        start_on: date | None = None,
        state: str = "20",
        **values: Any,
    ) -> TrainingClass:
        """Plan a class of that many lessons of four hours, on days in a row; ``state`` 10, 20 or 30."""
        first = start_on or clock.today()
        base = {
            "course_id": (
                course or self.course(hours_total=4 * lessons, hours_theory=0, hours_practice=4 * lessons)
            ).id,
            "start_on": first,
            "end_on": first + timedelta(days=400),
            "enrol_until": max(first, clock.today()),
            "slots": EVERY_DAY,
            "place": "二楼实训室",
            "trainers": [{"staff_id": "0198f3c2-7d10-7c3e-9a55-0000000000f1", "name": "何蔚"}],
            "seats": 16,
            "min_open": 1,
        }
        days = [PlannedLesson(first + timedelta(days=n), "13:30", "17:00", 4.0) for n in range(lessons)]
        row = classes.plan_class(self.tx, {**base, **values}, lessons=days)
        self.tx.flush()
        if state != "10":
            classes.publish_class(self.tx, row.id)
        if state == "30":
            classes.open_class(self.tx, row.id, why="照开")
        self.tx.flush()
        return row

    def lessons(self, row: TrainingClass) -> list[Lesson]:
        return calendar.lessons_of(self.tx, row.id)

    def lesson(self, **values: Any) -> Lesson:
        return self.lessons(self.training_class(lessons=1))[0]

    def lesson_note(self, **values: Any) -> LessonNote:
        return calendar.add_note(self.tx, self.lesson().id, "讲了灶具清洁，灯坏了一盏")

    def enrolment(self, row: TrainingClass | None = None, person: Resident | None = None, **more: Any) -> Enrolment:
        resident = person or self.resident()  # type: ignore[attr-defined]
        more.setdefault("knowing", ("subsidy", "clash", "no_phone"))
        made = enrolments.enrol(self.tx, (row or self.training_class()).id, resident.id, **more)
        self.tx.flush()
        return made

    def eligibility_check(self, **values: Any) -> EligibilityCheck:
        from sqlmodel import select

        row = self.enrolment()
        found = self.tx.session.exec(select(EligibilityCheck).where(EligibilityCheck.enrolment_id == row.id)).first()
        assert found is not None and eligibility.check(self.tx, row.resident_id, row.class_id)
        return found

    def attendance(self, **values: Any) -> Attendance:
        row = self.training_class(lessons=1)
        person = self.enrolment(row)
        made = marking.mark(self.tx, self.lessons(row)[0].id, person.id, "1")
        assert made is not None
        return made

    def assessment(self, person: Enrolment | None = None, **values: Any) -> Assessment:
        row = person or self.enrolment()
        return completion.assess(self.tx, row.id, {"theory": 80, "practice": 85, **values})

    def graduate(self, course: Course | None = None, person: Resident | None = None, **values: Any) -> Enrolment:
        """Let somebody complete a class of two lessons that ended today."""
        first = clock.today() - timedelta(days=1)
        row = self.training_class(course, lessons=2, start_on=first, **values)
        made = self.enrolment(row, person)
        classes.open_class(self.tx, row.id, why="照开")
        for lesson in self.lessons(row):
            marking.mark(self.tx, lesson.id, made.id, "1")
        completion.assess(self.tx, made.id, {"theory": 80, "practice": 85})
        completion.finish_class(self.tx, row.id)
        self.tx.flush()
        return made

    def certificate(self, **values: Any) -> Certificate:
        return certificates.issue_completion(self.tx, self.graduate().id)

    def craft_order(self, *, taken: bool = True, **values: Any) -> CraftOrder:
        factory: Factory = self  # type: ignore[assignment]
        base = {**ORDER, "employer_id": factory.employer().id, "due_on": clock.today() + timedelta(days=20)}
        row = crafts.take_order(self.tx, {**base, **values})
        self.tx.flush()
        if taken:
            crafts.move_on(self.tx, row.id, "20")
        self.tx.flush()
        return row

    def craft_assign(
        self, order: CraftOrder | None = None, person: Resident | None = None, **values: Any
    ) -> CraftAssign:
        resident = person or self.resident()  # type: ignore[attr-defined]
        row = crafts.hand_out(
            self.tx, (order or self.craft_order()).id, resident.id, {"taken_count": 20, "signed": True, **values}
        )
        self.tx.flush()
        return row

    def craft_delivery(self, assign: CraftAssign | None = None, **values: Any) -> CraftDelivery:
        given = assign or self.craft_assign()
        row = crafts.deliver(self.tx, given.id, {"quantity": 10, "accepted": 9, "rework": 1, **values})
        self.tx.flush()
        return row
