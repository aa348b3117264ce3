"""The operation is written in the transaction that makes the rows, and nothing gets round it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.db.database import Actor, Database, Transaction
from app.errors import BugError, NotAllowedError
from app.models.operation import Operation, OperationEdit
from app.models.registry import RECORD_TYPES, RecordType
from app.models.resident import Resident
from app.services import residents
from tests.factories import NOTICE, RESIDENT, Factory


def last_op(database: Database) -> tuple[Operation, list[OperationEdit]]:
    with database.read() as tx:
        op = tx.session.exec(select(Operation).order_by(col(Operation.seq).desc())).first()
        assert op is not None
        edits = tx.session.exec(select(OperationEdit).where(col(OperationEdit.op) == op.op)).all()
        return op, list(edits)


def register(database: Database, actor: Actor, **values: Any) -> str:
    with database.write(actor) as tx:
        return residents.register_resident(tx, {**RESIDENT, **values}, consents=[NOTICE]).id


def break_off(database: Database, actor: Actor, kind: str) -> None:
    """Begin an act, send its rows to the database, and fail before the end."""

    def act() -> None:
        with database.write(actor) as tx:
            getattr(Factory(tx), kind)()
            tx.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()


def test_one_act_is_one_operation_with_its_actor(database: Database, actor: Actor) -> None:
    resident_id = register(database, actor)

    op, edits = last_op(database)

    assert (op.act, op.actor, op.state) == ("resident.register", actor.staff_id, "pending")
    assert {edit.record_type for edit in edits} == {"resident", "consent", "emp_status"}
    edit = next(edit for edit in edits if edit.record_id == resident_id)
    assert edit.base == 0
    assert edit.changes["name"] == [None, "葛守成"]
    assert edit.changes["birth_date"] == [None, "1970-02-18"]


def test_an_edit_carries_only_fields_that_changed(database: Database, actor: Actor) -> None:
    resident_id = register(database, actor)

    with database.write(actor) as tx:
        residents.edit_resident(tx, resident_id, {"mobile": "199 0000 0008", "live_addr": RESIDENT["live_addr"]})

    _op, edits = last_op(database)
    assert [edit.changes for edit in edits] == [{"mobile": ["19900000003", "19900000008"]}]


def test_what_one_act_changes_stands_in_its_operation_in_the_order_of_the_records(
    database: Database, actor: Actor
) -> None:
    with database.write(actor) as tx:
        made = [Factory(tx).resident().id for _n in range(9)]

    with database.write(actor) as tx:
        tx.act("resident.edit")
        for row in [tx.get(Resident, record_id) for record_id in reversed(made)]:
            row.school = "余杭中学"

    edits = sorted(last_op(database)[1], key=lambda edit: edit.position)
    assert [edit.record_id for edit in edits] == sorted(made)


def test_a_change_and_its_return_in_one_act_leave_no_operation(database: Database, actor: Actor) -> None:
    resident_id = register(database, actor)
    before, _edits = last_op(database)

    with database.write(actor) as tx:
        tx.act("resident.edit")
        resident = tx.get(Resident, resident_id)
        resident.remark = "写错"
        tx.flush()
        resident.remark = None

    assert last_op(database)[0].op == before.op


def test_sequence_numbers_are_dense(database: Database, actor: Actor) -> None:
    register(database, actor)
    break_off(database, actor, "resident")
    register(database, actor, id_no="330110197903129996")

    with database.read() as tx:
        numbers = [row[0] for row in tx.sql("SELECT seq FROM operation ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_failed_act_leaves_neither_row_nor_operation_nor_number(database: Database, actor: Actor) -> None:
    before, _edits = last_op(database)

    break_off(database, actor, "referral")

    with database.read() as tx:
        assert tx.sql("SELECT count(*) FROM referral")[0][0] == 0
        assert tx.sql("SELECT count(*) FROM number_counter")[0][0] == 0
    assert last_op(database)[0].op == before.op


def test_changes_outside_any_act_are_our_mistake(database: Database, actor: Actor) -> None:
    resident_id = register(database, actor)

    with pytest.raises(BugError), database.write(actor) as tx:
        tx.get(Resident, resident_id).remark = "没有动作"


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "statement", ["UPDATE {t} SET rev = 9", "DELETE FROM {t}", "INSERT INTO {t} (id) VALUES ('x')"]
)
def test_statements_that_bypass_the_capture_are_refused(database: Database, kind: RecordType, statement: str) -> None:
    with pytest.raises(BugError), database.write(None) as tx:
        tx.session.connection().execute(text(statement.format(t=kind.model.__tablename__)))


def test_bulk_statements_of_the_orm_are_refused(tx: Transaction) -> None:
    from sqlalchemy import update

    with pytest.raises(BugError):
        tx.session.execute(update(Resident).values(name="甲"))


def test_the_log_is_never_shortened(database: Database) -> None:
    with pytest.raises(BugError), database.write(None) as tx:
        tx.session.connection().execute(text("DELETE FROM operation"))


def test_removing_a_row_outright_is_refused(database: Database, actor: Actor) -> None:
    resident_id = register(database, actor)

    with database.write(actor) as tx:
        tx.act("resident.remove")
        tx.session.delete(tx.get(Resident, resident_id))
        with pytest.raises(BugError):
            tx.flush()
        tx.session.rollback()


def test_a_role_that_may_not_is_told_so(database: Database) -> None:
    trainer = Actor("t", "何蔚", frozenset({"trainer"}))

    with pytest.raises(NotAllowedError, match="新登记"), database.write(trainer) as tx:
        residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE])


@pytest.mark.parametrize(
    "kind", [k for k in RECORD_TYPES if k.name not in ("conflict", "duplicate_hint")], ids=lambda kind: kind.name
)
def test_every_record_type_stores_audits_and_has_a_factory(database: Database, actor: Actor, kind: RecordType) -> None:
    with database.write(actor) as tx:
        row = getattr(Factory(tx), kind.name)()
        record_id = row.id

    _op, edits = last_op(database)
    assert (kind.name, record_id) in {(edit.record_type, edit.record_id) for edit in edits}
    with database.read() as tx:
        assert tx.session.get(kind.model, record_id) is not None
