"""Hours and rate, scores, the graduation list, certificates, and work afterwards."""

from datetime import date, timedelta

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.base import parse_draft
from app.models.certificate import Certificate, CertificateDraft, holds_id_no
from app.models.identity import slip_payload
from app.models.training import Enrolment, TrainingClass
from app.services import referrals, todos
from app.services.matching.query import explain_vacancy
from app.services.registrations import active_registration
from app.services.residents import set_emp_status
from app.services.training import afterwards, calendar, certificates, classes, completion, listing, marking, openings
from app.services.training.grid import load_grid
from tests.factories import Factory, fictional_id
from tests.training_factory import CRAFT_COURSE, ELECTRICIAN


def held(make: Factory, marks: str, *, percent: int | None = None, **values: object) -> tuple[TrainingClass, Enrolment]:
    """Return a class whose lessons are all over but for those marked ``.``, and one person so marked in it."""
    days = len(marks.rstrip("."))
    row = make.training_class(lessons=len(marks), start_on=clock.today() - timedelta(days=days - 1), **values)
    signed = make.enrolment(row)
    classes.open_class(make.tx, row.id, why="照开")
    if percent is not None:
        row.rule = {**row.rule, "attend_percent": percent}
    for lesson, code in zip(make.lessons(row), marks, strict=True):
        if code != ".":
            marking.enter_sheet(make.tx, lesson.id, {signed.id: marking.MarkInput(code)})
    make.tx.flush()
    return row, signed


def line_of(tx: Transaction, row: TrainingClass) -> completion.GraduationLine:
    tx.flush()
    return completion.load_graduation(tx, row.id).lines[0]


@pytest.mark.parametrize(
    ("marks", "percent", "of_all", "enough", "to_miss"),
    [
        ("11111", 100, 100, True, 0),
        ("11110", 80, 80, True, 0),
        ("11100", 60, 60, False, -1),
        ("1240.", 50, 40, False, -1),
        ("111..", 100, 60, False, 1),
        ("110..", 66, 40, False, 0),
    ],
)
def test_the_rate_counts_what_was_held_and_of_all(
    tx: Transaction, make: Factory, marks: str, percent: int, of_all: int, enough: bool, to_miss: int
) -> None:
    row, _signed = held(make, marks)

    done = load_grid(tx, row.id).people[0].progress

    assert (done.percent, done.percent_of_all, done.enough, done.lessons_to_miss) == (percent, of_all, enough, to_miss)


def test_cancelled_lessons_do_not_count(tx: Transaction, make: Factory) -> None:
    row, _signed = held(make, "1110.")
    calendar.cancel_lesson(tx, make.lessons(row)[4].id, "停电")
    tx.flush()

    done = load_grid(tx, row.id).people[0].progress

    assert (done.held, done.total, done.percent_of_all, done.enough) == (16, 16, 75, False)


@pytest.mark.parametrize(("start_on", "may"), [(date(2026, 6, 30), True), (date(2026, 7, 1), False)])
def test_the_share_is_the_districts_of_the_first_day(tx: Transaction, make: Factory, start_on: date, may: bool) -> None:
    make.policy_param(
        key="training.attend_percent", value=60, effective_from=date(2026, 1, 1), effective_to=date(2026, 6, 30)
    )
    make.policy_param(key="training.attend_percent", value=90, effective_from=date(2026, 7, 1))
    tx.flush()
    row = make.training_class(lessons=5, start_on=start_on)
    signed = make.enrolment(row)
    classes.open_class(tx, row.id)
    for lesson, code in zip(make.lessons(row), "11110", strict=True):
        marking.enter_sheet(tx, lesson.id, {signed.id: marking.MarkInput(code)})
    make.assessment(signed)

    line = line_of(tx, row)

    assert line.may is may
    assert line.reasons == (() if may else ("出勤 16 课时，占 80%，不到 90%（20 课时）",))


def test_both_share_and_assessment_are_needed(tx: Transaction, make: Factory) -> None:
    row, signed = held(make, "11111")

    without = line_of(tx, row).reasons
    make.assessment(signed, practice=59.5)
    failed = line_of(tx, row)
    make.assessment(signed, practice=60)
    passed = line_of(tx, row)

    assert without == ("还没登成绩",)
    assert (failed.reasons, failed.score.passed) == (("考核不合格",), False)  # type: ignore[union-attr]
    assert (passed.may, passed.score.count) == (True, 2)  # type: ignore[union-attr]


def test_scores_are_asked_for_as_the_course_assesses(tx: Transaction, make: Factory) -> None:
    _row, signed = held(make, "1")

    with pytest.raises(InvalidInputError) as problem:
        completion.assess(tx, signed.id, {"theory": 80})
    with pytest.raises(InvalidInputError) as beyond:
        completion.assess(tx, signed.id, {"theory": 80, "practice": 101})

    assert set(problem.value.fields) == {"practice"}
    assert set(beyond.value.fields) == {"practice"}


def test_a_craft_class_asks_for_no_scores(tx: Transaction, make: Factory) -> None:
    course = make.course(**{**CRAFT_COURSE, "hours_total": 8, "hours_theory": 0, "hours_practice": 8})
    row = make.training_class(course, lessons=2, start_on=clock.today() - timedelta(days=1))
    signed = make.enrolment(row)
    classes.open_class(tx, row.id)
    for lesson in make.lessons(row):
        marking.enter_sheet(tx, lesson.id, {signed.id: marking.MarkInput("1")})

    assert line_of(tx, row).may


def test_a_class_with_open_points_ends_only_with_a_reason(tx: Transaction, make: Factory) -> None:
    row, _signed = held(make, "11.")
    late = make.enrolment(row, late=True)
    marking.walk_in(tx, make.lessons(row)[1].id, "周素琴")
    tx.flush()

    with pytest.raises(RuleError) as problem:
        completion.finish_class(tx, row.id)
    completion.finish_class(tx, row.id, why="区里要求月底结班")

    assert "还有 1 次课没上" in problem.value.text
    assert f"第 1 课还有 1 人没点：{late.name}" in problem.value.text
    assert "临时来的 周素琴 还没补报名" in problem.value.text
    assert (row.state, late.state) == ("40", "60")


def test_ending_a_class_settles_everybody_and_closes_the_roll(tx: Transaction, make: Factory) -> None:
    row, signed = held(make, "11111")
    make.assessment(signed)
    tx.flush()

    found = completion.finish_class(tx, row.id)

    assert (found.passed_count, signed.state, signed.ended_on, row.finished_on) == (
        1,
        "50",
        clock.today(),
        clock.today(),
    )
    with pytest.raises(RuleError, match="已经结业，考勤不能再改"):
        marking.correct(tx, make.lessons(row)[0].id, signed.id, "0", "记错了")


def test_a_certificate_of_completion_has_a_number_and_is_issued_once(tx: Transaction, make: Factory) -> None:
    signed = make.graduate()

    made = certificates.issue_completion(tx, signed.id)
    tx.flush()

    month = f"{clock.to_local(clock.now()):%y%m}"
    assert made.cert_no == f"JY330110{month}01-0001"
    assert (made.hours, made.theory, made.name) == (8, 80, signed.name)
    assert certificates.find_certificate(tx, slip_payload(made.cert_no)).id == made.id
    with pytest.raises(RuleError, match="已经发过"):
        certificates.issue_completion(tx, signed.id)
    with pytest.raises(NotFoundError):
        certificates.find_certificate(tx, "JY330110261101-0099")


def test_who_never_came_or_did_not_complete_gets_no_certificate(tx: Transaction, make: Factory) -> None:
    absent_row, absent = held(make, "00")
    completion.finish_class(tx, absent_row.id, why="照结")
    short_row, short = held(make, "10000")
    completion.finish_class(tx, short_row.id, why="照结")
    absent.state = "50"  # as if somebody had settled it by hand
    tx.flush()

    with pytest.raises(RuleError, match="一次课也没上，不能发证"):
        certificates.issue_completion(tx, absent.id)
    with pytest.raises(RuleError, match="没有结业，不能发证"):
        certificates.issue_certificate(tx, short.id, {"cert_no": "Y000033000000203"})


def test_a_permit_goes_into_the_registry_and_the_jobseekers_file_with_its_dates(tx: Transaction, make: Factory) -> None:
    make.policy_param(key="cert.remind_days", value=60, effective_from=date(2026, 1, 1))
    person = make.resident(emp_status="21")
    make.registration(person)
    signed = make.graduate(make.course(**ELECTRICIAN), person)

    made = certificates.issue_certificate(
        tx, signed.id, {"cert_no": "t2026-0815-33", "issuer": "区应急管理局", "issued_on": clock.today()}
    )
    tx.flush()

    assert (made.cert_no, made.cert_type, made.cert_name) == ("T2026081533", "4", "低压电工作业证")
    assert made.valid_until is not None
    assert made.valid_until.year == clock.today().year + 6 or made.valid_until.year == clock.today().year + 5
    assert made.remind_on == made.valid_until - timedelta(days=60)
    kept = active_registration(tx, person.id).certs[-1]  # type: ignore[union-attr]
    assert (kept["name"], kept["valid_to"]) == ("低压电工作业证", made.valid_until.isoformat())
    assert certificates.list_expiring(tx, made.remind_on - timedelta(days=1)) == []
    assert [line.id for line in certificates.list_expiring(tx, made.remind_on)] == [made.id]


def test_a_number_used_twice_is_told_with_whose_it_is(tx: Transaction, make: Factory) -> None:
    first, second = make.graduate(), make.graduate()
    certificates.issue_certificate(tx, first.id, {"cert_no": "Y000033000000203"})
    tx.flush()

    with pytest.raises(RuleError, match=f"已经是 {first.name} 的"):
        certificates.issue_certificate(tx, second.id, {"cert_no": "y000033000000203"})


def test_a_number_that_holds_an_id_number_stays_in_the_file(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.registration(person)
    signed = make.graduate(make.course(**ELECTRICIAN), person)
    number = "T" + fictional_id("19700218")

    made = certificates.issue_certificate(tx, signed.id, {"cert_no": number})
    tx.flush()

    assert made.cert_no.startswith("JY330110")
    assert made.number_on_file
    assert not holds_id_no(repr(made.model_dump()))
    assert active_registration(tx, person.id).certs[-1]["no"] == number  # type: ignore[union-attr]


def test_the_model_itself_takes_no_id_number_into_the_training_feed(tx: Transaction, make: Factory) -> None:
    known = make.certificate().model_dump(include=set(CertificateDraft.model_fields))

    with pytest.raises(InvalidInputError) as problem:
        parse_draft(CertificateDraft, {**known, "cert_no": "T" + fictional_id("19700218")})
    assert "身份证号" in problem.value.fields["cert_no"]
    assert not holds_id_no("Y000033000000203000001")


def test_a_voided_certificate_keeps_its_number_and_leaves_the_file(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.registration(person)
    signed = make.graduate(None, person)
    made = certificates.issue_certificate(tx, signed.id, {"cert_no": "Y000033000000203"})

    certificates.void_certificate(tx, made.id, "等级写错")
    tx.flush()

    assert active_registration(tx, person.id).certs == []  # type: ignore[union-attr]
    with pytest.raises(RuleError, match="已经是"):
        certificates.issue_certificate(tx, signed.id, {"cert_no": "Y000033000000203"})


def test_a_clerk_does_not_void_certificates(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        made: Certificate = Factory(tx).certificate()
        made_id = made.id

    clerk = Actor(actor.staff_id, "方静", frozenset({"clerk"}))
    with pytest.raises(Exception, match="作废证书"), database.write(clerk) as tx:
        certificates.void_certificate(tx, made_id, "写错")


def test_work_within_ninety_days_is_seen_from_status_and_from_referrals(tx: Transaction, make: Factory) -> None:
    row = make.training_class(lessons=1)
    people = [make.resident(emp_status="21") for _n in range(3)]
    signed = [make.enrolment(row, person) for person in people]
    classes.open_class(tx, row.id)
    marking.mark_rest(tx, make.lessons(row)[0].id)
    for each in signed:
        make.assessment(each)
    completion.finish_class(tx, row.id)
    tx.flush()
    today = clock.today()
    set_emp_status(tx, people[0], "16", source="走访", since=today + timedelta(days=90))
    referral = make.referral(resident=people[1])
    referrals.record_outcome(
        tx,
        referral.id,
        {"outcome": "1", "reply_way": "1", "onboard_date": today + timedelta(days=3), "contract_type": "10"},
    )
    tx.flush()

    early = afterwards.after_class(tx, row.id, on=today + timedelta(days=30))
    after = afterwards.after_class(tx, row.id, on=today + timedelta(days=91))

    assert sorted(line.outcome for line in early.lines) == ["employed", "still_open", "still_open"]
    assert {line.resident_id: (line.outcome, line.days) for line in after.lines} == {
        people[0].id: ("employed", 90), people[1].id: ("employed", 3), people[2].id: ("not_employed", None)
    }  # fmt: skip
    assert (after.employed_count, after.percent) == (2, 67)


@pytest.mark.parametrize(("finished", "within"), [(date(2026, 12, 31), 90), (date(2027, 1, 1), 180)])
def test_within_how_many_days_is_dated_data(tx: Transaction, make: Factory, finished: date, within: int) -> None:
    make.policy_param(key="training.employed_days", value=180, effective_from=date(2027, 1, 1))
    row = make.training_class()
    row.finished_on = finished
    tx.flush()

    assert afterwards.after_class(tx, row.id).within_days == within


def test_follow_ups_are_due_thirty_and_ninety_days_after(tx: Transaction, make: Factory) -> None:
    signed = make.graduate()
    ended = signed.ended_on
    assert ended is not None

    due = [
        [(each.after_days, each.due_on) for each in afterwards.list_follow_ups(tx, on=ended + timedelta(days=n))]
        for n in (20, 28, 88)
    ]

    assert due == [[], [(30, ended + timedelta(days=30))], [(90, ended + timedelta(days=90))]]


def test_a_gap_offers_the_open_class_that_closes_it(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.registration(person)
    row = make.training_class(make.course(**ELECTRICIAN))
    make.training_class(make.course())
    vacancy = make.vacancy(certs_required=[{"name": "低压电工作业证", "mandatory": True}])
    tx.flush()

    verdict = explain_vacancy(tx, person.id, vacancy.id)
    make.enrolment(row, person)
    signed = openings.closing_classes(tx, ["低压电工作业证"], person.id)
    classes.cancel_class(tx, row.id, "人数不够")
    tx.flush()

    assert verdict.suggestion.lacking == ("低压电工作业证",)
    assert [(each.cert_name, each.line.id, each.signed_up) for each in verdict.closing] == [
        ("低压电工作业证", row.id, False)
    ]
    assert [each.signed_up for each in signed] == [True]
    assert openings.closing_classes(tx, ["低压电工作业证"]) == ()


def test_what_training_asks_for_is_on_todays_list(tx: Transaction, make: Factory) -> None:
    few = make.training_class(min_open=5, title="中式面点")
    row, called = held(make, "11", title="养老护理员")
    signed = make.enrolment(make.training_class(title="月嫂"))
    with tx.applying():
        called.seat = signed.seat = "1"
        tx.flush()
    certificate = certificates.issue_certificate(
        tx, make.graduate().id, {"cert_no": "Y0000330001", "valid_until": clock.today() + timedelta(days=20)}
    )
    tx.flush()

    found = {(each.kind, each.record_id): each for each in todos.list_todos(tx)}

    assert found["开班", few.id].text == "还差 5 人才到最低开班人数，招人、延期或取消"
    assert found["通知学员", signed.id].name == signed.name
    assert ("通知学员", called.id) not in found
    assert found["证书到期", certificate.id].days == 20
    assert ("结业", row.id) not in found
    row.end_on = clock.today() - timedelta(days=8)
    row.start_on = row.end_on
    tx.flush()
    assert {(each.kind, each.record_id): each for each in todos.list_todos(tx)}["结业", row.id].days == -1
    assert listing.list_classes(tx, states=("30",))[0].id == row.id
