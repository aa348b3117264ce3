"""Which open class is good for whom; what went to paper."""

from collections import Counter
from datetime import timedelta

import pytest

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, NotAllowedError, RuleError
from app.models.training import Enrolment
from app.services.training import certificates, enrolments
from app.services.training.fitting import fitting_classes
from app.services.training.prints import prints_of, record_certificate_print, record_slip_print
from tests.factories import Factory
from tests.training_factory import ELECTRICIAN


def seat(tx: Transaction, row: Enrolment, code: str) -> None:
    with tx.applying():
        row.seat = code
        tx.flush()


def test_what_closes_a_gap_comes_first_then_what_fits_a_wish_then_what_starts_first(
    tx: Transaction, make: Factory
) -> None:
    person = make.resident(emp_status="21")
    tx.flush()
    make.registration(person, intents=[{"trade": "4-10", "text": "家政保洁", "wage_min": 300000, "form": "1"}])
    soon = clock.today() + timedelta(days=1)
    other = make.training_class(make.course(name="面点", trade="4-03"), title="面点", start_on=soon)
    wish = make.training_class(make.course(trade="4-10"), title="家政", start_on=soon + timedelta(days=5))
    gap = make.training_class(make.course(**ELECTRICIAN), title="电工", start_on=soon + timedelta(days=9))
    make.vacancy(certs_required=[{"name": "低压电工作业证", "mandatory": True}])
    mine = make.training_class(make.course(name="月嫂"), title="月嫂", start_on=soon)
    make.enrolment(mine, person)
    tx.flush()

    found = fitting_classes(tx, person.id)

    assert [each.line.id for each in found] == [gap.id, wish.id, other.id, mine.id]
    assert (found[0].closes, found[0].wanted_by, found[1].wish) == ("低压电工作业证", 1, "家政保洁")
    assert [each.signed_up for each in found] == [False, False, False, True]


def test_without_a_registration_the_open_classes_stand_by_their_day(tx: Transaction, make: Factory) -> None:
    person, soon = make.resident(), clock.today() + timedelta(days=1)
    later = make.training_class(title="后", start_on=soon + timedelta(days=3))
    first = make.training_class(make.course(), title="先", start_on=soon)
    make.training_class(make.course(), title="没开始报名", start_on=soon, state="10")

    assert [each.line.id for each in fitting_classes(tx, person.id)] == [first.id, later.id]


def test_the_same_slip_again_wants_a_reason_a_decided_one_does_not(tx: Transaction, make: Factory) -> None:
    row = make.enrolment()

    first = record_slip_print(tx, row.id, way="printer")
    tx.flush()
    with pytest.raises(InvalidInputError):
        record_slip_print(tx, row.id, way="printer")
    again = record_slip_print(tx, row.id, way="pdf", why="3")
    seat(tx, row, "2")
    decided = record_slip_print(tx, row.id, way="printer")
    tx.flush()

    assert (first, again, decided) == (0, 1, 0)
    assert prints_of(tx, [row.id]) == {row.id: Counter({"0": 2, "2": 1})}


def test_nobody_who_left_gets_a_slip(tx: Transaction, make: Factory) -> None:
    row = make.enrolment()
    enrolments.drop(tx, row.id, "01")

    with pytest.raises(RuleError, match="已经退班"):
        record_slip_print(tx, row.id, way="printer")


def test_a_void_or_foreign_certificate_is_not_printed(tx: Transaction, make: Factory) -> None:
    signed = make.graduate()
    own = certificates.issue_completion(tx, signed.id)
    foreign = certificates.issue_certificate(tx, signed.id, {"cert_no": "S000033070012"})
    tx.flush()

    assert record_certificate_print(tx, own.id, way="printer") == 0
    certificates.void_certificate(tx, own.id, "发错了人")
    with pytest.raises(RuleError, match="已经作废"):
        record_certificate_print(tx, own.id, way="printer", why="3")
    with pytest.raises(RuleError, match="不是站里发的"):
        record_certificate_print(tx, foreign.id, way="printer")


def test_printing_is_the_counters(tx: Transaction, make: Factory) -> None:
    row = make.enrolment()
    tx.actor = tx.actor and type(tx.actor)(tx.actor.staff_id, tx.actor.name, frozenset({"trainer"}))

    with pytest.raises(NotAllowedError):
        record_slip_print(tx, row.id, way="printer")
