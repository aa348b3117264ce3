"""Two files of one person made one: everything hangs on the kept file, facts are chosen, undo takes them apart."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import select

from app import clock
from app.db.database import Actor, Database
from app.errors import InvalidInputError, NotAllowedError, RuleError
from app.models.registration import Registration, UnempReg
from app.models.resident import HouseholdMember, Resident
from app.services import history, households, merging, residents, timeline
from app.services.registrations import active_registration, register_unemployment
from app.services.traces import reveal
from tests.factories import Factory, fictional_id

HOME = {"house_no": "301", "building": "溪桥苑 5 幢", "hukou_household": True, "has_business_income": False}
OTHER = {"mobile": "19900000004", "school": "余杭中学"}
SELF = {"relation": "0", "able": True, "willing": True, "status_at_check": "22"}


@dataclass(frozen=True)
class Pair:
    keep: str
    drop: str


@pytest.fixture
def pair(database: Database, actor: Actor) -> Pair:
    """Return two files of one person; everything hangs on the second, a registration on both."""
    with database.write(actor) as tx:
        factory = Factory(tx)
        keep = factory.resident(name="葛守成", id_no=fictional_id("19850101", 996), mobile="19900000003")
        drop = factory.resident(name="葛守诚", id_no=fictional_id("19850101", 998), **OTHER)
        pair = Pair(keep.id, drop.id)
    with database.write(actor) as tx:
        factory = Factory(tx)
        factory.registration(tx.get(Resident, pair.keep), reg_date=clock.today() - timedelta(days=30))
        factory.referral(resident=tx.get(Resident, pair.drop))
        households.save_household(tx, pair.drop, HOME, [{**SELF, "resident_id": pair.drop}])
        reveal(tx, pair.drop, "id_no", "1")
    return pair


def merge(database: Database, actor: Actor, pair: Pair, **choices: str) -> str:
    with database.write(actor) as tx:
        merging.merge_files(tx, pair.keep, pair.drop, choices)
    assert tx.op_id is not None
    return tx.op_id


def hanging(database: Database, resident_id: str) -> list[str]:
    with database.read() as tx:
        return sorted(kind.name for kind, _name, row in merging._hanging(tx, resident_id) if row.deleted_at is None)


def test_the_preview_tells_what_differs_what_moves_and_what_ends(database: Database, pair: Pair) -> None:
    with database.read() as tx:
        preview = merging.compare_files(tx, pair.keep, pair.drop)

    differing = {item.field: item for item in preview.differences}
    assert (differing["mobile"].keep_text, differing["mobile"].drop_text) == ("199****0003", "199****0004")
    assert differing["name"].drop == "葛守诚"
    assert "school" in preview.filled
    assert dict(preview.moving)["referral"] == 1
    assert len(preview.closing) == 1
    assert not preview.households


def test_everything_that_hangs_on_the_dropped_file_hangs_on_the_kept_one(
    database: Database, actor: Actor, pair: Pair
) -> None:
    before = hanging(database, pair.keep) + hanging(database, pair.drop)

    op = merge(database, actor, pair, mobile="drop")

    assert hanging(database, pair.drop) == []
    assert hanging(database, pair.keep) == sorted(before)
    with database.read() as tx:
        keep, drop = tx.get(Resident, pair.keep), tx.session.get(Resident, pair.drop)
        assert (keep.name, keep.mobile, keep.school) == ("葛守成", "19900000004", "余杭中学")
        assert keep.household_id is not None
        assert drop is not None
        assert drop.deleted_at is not None
        assert pair.keep in (drop.delete_reason or "")
        assert merging.merged_into(tx, pair.drop) == pair.keep
        assert residents.search_residents(tx, "葛守诚") == []
        assert {change.op for change in history.list_changes(tx, "resident", pair.drop, "deleted_at")} == {op}


def test_of_two_registrations_in_force_the_older_ends(database: Database, actor: Actor, pair: Pair) -> None:
    merge(database, actor, pair)

    with database.read() as tx:
        rows = tx.session.exec(
            select(Registration).where(Registration.resident_id == pair.keep).order_by(Registration.reg_date)
        ).all()
        assert [row.status for row in rows] == ["30", "10"]
        assert "为准" in (rows[0].remark or "")


def test_of_two_unemployment_registrations_the_later_is_cancelled_as_a_double(
    database: Database, actor: Actor, pair: Pair
) -> None:
    claim = {"reg_place_basis": "1", "unemp_date": clock.today() - timedelta(days=60), "reg_scope": "1"}
    with database.write(actor) as tx:
        for who, days in ((pair.keep, 10), (pair.drop, 40)):
            values = {**claim, "unemp_reason": "99", "resident_id": who}
            register_unemployment(tx, {**values, "reg_date": clock.today() - timedelta(days=days)})

    merge(database, actor, pair)

    with database.read() as tx:
        rows = tx.session.exec(
            select(UnempReg).where(UnempReg.resident_id == pair.keep).order_by(UnempReg.reg_date)
        ).all()
        assert [row.dereg_reason for row in rows] == [None, "91"]


def test_a_person_stands_once_in_a_household(database: Database, actor: Actor, pair: Pair) -> None:
    with database.write(actor) as tx:
        members = [{**SELF, "resident_id": pair.keep}]
        households.save_household(tx, pair.keep, {**HOME, "house_no": "302"}, members)

    merge(database, actor, pair, household_id="drop")

    with database.read() as tx:
        keep = tx.get(Resident, pair.keep)
        rows = tx.session.exec(
            select(HouseholdMember).where(
                HouseholdMember.resident_id == pair.keep, HouseholdMember.deleted_at.is_(None)
            )
        ).all()
        assert [row.household_id for row in rows] == [keep.household_id]
        file = households.list_household(tx, keep)
        assert file is not None
        assert file.household.house_no == "301"


def test_undo_takes_the_files_apart_as_they_were(database: Database, actor: Actor, pair: Pair) -> None:
    before = hanging(database, pair.keep), hanging(database, pair.drop)
    merge(database, actor, pair, mobile="drop")

    with database.write(actor) as tx:
        history.undo(tx, history.list_done(tx)[0].op)

    assert (hanging(database, pair.keep), hanging(database, pair.drop)) == before
    with database.read() as tx:
        keep, drop = tx.get(Resident, pair.keep), tx.get(Resident, pair.drop)
        assert (keep.mobile, keep.school, keep.household_id, keep.remark) == ("19900000003", None, None, None)
        assert drop.household_id is not None
        for person in (pair.keep, pair.drop):
            assert active_registration(tx, person) is not None
        assert merging.merged_into(tx, pair.drop) is None


def test_later_work_stays_with_the_kept_file(database: Database, actor: Actor, pair: Pair) -> None:
    merge(database, actor, pair, mobile="drop")
    with database.write(actor) as tx:
        residents.edit_resident(tx, pair.keep, {"mobile": "19900000009"})
        Factory(tx).referral(resident=tx.get(Resident, pair.keep))

    with database.write(actor) as tx:
        merging.unmerge(tx, pair.drop)

    with database.read() as tx:
        assert tx.get(Resident, pair.keep).mobile == "19900000009"
        assert tx.get(Resident, pair.drop).mobile == "19900000004"
        assert len(timeline.load_file(tx, pair.keep).referrals) == 1
        assert len(timeline.load_file(tx, pair.drop).referrals) == 1


def test_files_are_taken_apart_once_and_may_be_merged_again(database: Database, actor: Actor, pair: Pair) -> None:
    merge(database, actor, pair)
    with database.write(actor) as tx:
        merging.unmerge(tx, pair.drop)

    with pytest.raises(RuleError, match="拆开"), database.write(actor) as tx:
        merging.unmerge(tx, pair.drop)

    merge(database, actor, pair)
    with database.write(actor) as tx:
        merging.unmerge(tx, pair.drop)
        assert tx.find(Resident, pair.drop) is not None


def test_what_comes_to_a_dropped_file_later_follows(database: Database, actor: Actor, pair: Pair) -> None:
    merge(database, actor, pair)
    with database.write(actor) as tx:
        tx.act("consent.record")
        consent = residents._record_consent(tx, pair.drop, {"kind": "2", "agreed": True})
        consent_id = consent.id
    with database.read() as tx:
        assert [(item.keep_id, item.count) for item in merging.list_strays(tx)] == [(pair.keep, 1)]

    with database.write(actor) as tx:
        merging.follow_merge(tx, pair.drop)

    with database.read() as tx:
        assert merging.list_strays(tx) == ()
        assert tx.get(type(consent), consent_id).resident_id == pair.keep

    with database.write(actor) as tx:
        merging.unmerge(tx, pair.drop)

    with database.read() as tx:
        assert tx.get(type(consent), consent_id).resident_id == pair.drop


@pytest.mark.parametrize("choices", [{"mobile": "both"}, {"nothing": "keep"}])
def test_a_choice_that_is_none_merges_nothing(
    database: Database, actor: Actor, pair: Pair, choices: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError):
        merge(database, actor, pair, **choices)

    with database.read() as tx:
        assert tx.find(Resident, pair.drop) is not None


def test_a_file_is_not_merged_with_itself_nor_by_a_trainer(database: Database, actor: Actor, pair: Pair) -> None:
    with pytest.raises(RuleError, match="同一份"):
        merge(database, actor, Pair(pair.keep, pair.keep))
    with pytest.raises(NotAllowedError):
        merge(database, Actor(actor.staff_id, "何蔚", frozenset({"trainer"})), pair)
