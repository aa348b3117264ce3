"""Who, when, from, to; and undo by a counter-operation."""

import pytest

from app.db.database import Actor, Database
from app.errors import RuleError
from app.models.operation import Operation
from app.models.resident import Resident
from app.services import history, referrals, residents, timeline
from tests.factories import NOTICE, RESIDENT, Factory


@pytest.fixture
def resident_id(database: Database, actor: Actor) -> str:
    with database.write(actor) as tx:
        return residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE]).id


def edit(database: Database, actor: Actor, resident_id: str, **values: str) -> None:
    with database.write(actor) as tx:
        residents.edit_resident(tx, resident_id, values)


def test_history_tells_who_when_from_to(database: Database, actor: Actor, resident_id: str) -> None:
    edit(database, actor, resident_id, mobile="19900000008")

    with database.read() as tx:
        changes = history.list_changes(tx, "resident", resident_id, "mobile")

    assert [(c.old, c.new, c.actor) for c in changes] == [
        ("19900000003", "19900000008", "陶丽华"),
        (None, "19900000003", "陶丽华"),
    ]


def test_undo_puts_back_and_is_itself_an_operation(database: Database, actor: Actor, resident_id: str) -> None:
    edit(database, actor, resident_id, mobile="19900000008")

    with database.write(actor) as tx:
        done = history.list_done(tx)
        history.undo(tx, done[0].op)
        undo_op = None
    with database.read() as tx:
        assert tx.get(Resident, resident_id).mobile == "19900000003"
        undo_op = tx.sql("SELECT undoes FROM operation ORDER BY seq DESC LIMIT 1")[0][0]
    assert undo_op == done[0].op


def test_undo_of_a_registration_removes_the_file_and_undo_list_moves_on(
    database: Database, actor: Actor, resident_id: str
) -> None:
    with database.write(actor) as tx:
        history.undo(tx, history.list_done(tx)[0].op)

    with database.write(actor) as tx:
        assert tx.find(Resident, resident_id) is None
        assert residents.search_residents(tx, "葛守成") == []
        assert history.list_done(tx) == []


def test_what_changed_since_is_not_undone(database: Database, actor: Actor, resident_id: str) -> None:
    edit(database, actor, resident_id, mobile="19900000008")
    with database.read() as tx:
        first = tx.session.get(Operation, tx.sql("SELECT op FROM operation ORDER BY seq DESC LIMIT 1")[0][0])
    edit(database, actor, resident_id, mobile="19900000009")
    assert first is not None

    with pytest.raises(RuleError, match="又有改动"), database.write(actor) as tx:
        history.undo(tx, first.op)


def test_an_act_is_undone_once(database: Database, actor: Actor, resident_id: str) -> None:
    edit(database, actor, resident_id, mobile="19900000008")
    with database.write(actor) as tx:
        op = history.list_done(tx)[0].op
        history.undo(tx, op)

    with pytest.raises(RuleError, match="已经撤销"), database.write(actor) as tx:
        history.undo(tx, op)


def test_an_issued_slip_is_not_undone(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        factory = Factory(tx)
        person, post = factory.resident(), factory.vacancy()
        factory.registration(person)
    with database.write(actor) as tx:
        referrals.issue_referral(tx, resident_id=person.id, vacancy_id=post.id, consent_share=True)

    with database.write(actor) as tx:
        assert all(done.act != "referral.issue" for done in history.list_done(tx))
        op = tx.sql("SELECT op FROM operation WHERE act = 'referral.issue'")[0][0]
    with pytest.raises(RuleError, match="不能撤销"), database.write(actor) as tx:
        history.undo(tx, op)


def test_the_file_tells_everything_newest_first(database: Database, actor: Actor, resident_id: str) -> None:
    edit(database, actor, resident_id, mobile="19900000008")
    with database.write(actor) as tx:
        factory = Factory(tx)
        person = tx.get(Resident, resident_id)
        factory.registration(person)
    with database.write(actor) as tx:
        post = Factory(tx).vacancy()
    with database.write(actor) as tx:
        referral = referrals.issue_referral(tx, resident_id=resident_id, vacancy_id=post.id, consent_share=True)
    with database.write(actor) as tx:
        referrals.record_outcome(tx, referral.id, {"outcome": "3", "outcome_reason": "03", "reply_way": "2"})

    with database.read() as tx:
        lines = timeline.load_file(tx, resident_id).happenings

    acts = [line.act for line in lines]
    assert acts == ["referral.outcome", "referral.issue", "registration.open", "resident.edit", "resident.register"]
    assert "岗位已满" in lines[0].text
    assert not lines[0].sent
