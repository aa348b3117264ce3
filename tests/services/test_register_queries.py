"""What the register sheet and 今日 ask of the services."""

from datetime import timedelta

from app import clock
from app.db.database import Actor, Database, Transaction
from app.services import consents, drafts, residents, todos, vacancies
from tests.factories import NOTICE, REGISTRATION, RESIDENT, Factory


def test_only_vacancies_open_today_are_counted_by_trade(make: Factory, tx: Transaction) -> None:
    make.vacancy(trade="4-10", pay_min=380000, pay_max=480000)
    make.vacancy(trade="4-10", published=False)
    clock.shift(timedelta(days=-40))
    make.vacancy(trade="4-10")
    clock.shift(timedelta(0))

    assert vacancies.count_published_by_trade(tx) == {"4-10": 1}
    assert vacancies.pay_published_by_trade(tx) == {"4-10": (380000, 480000)}


def test_facts_and_wishes_are_edited_in_one_operation(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        person = residents.register_resident(tx, dict(RESIDENT), registration=REGISTRATION, consents=[NOTICE]).id
    with database.read() as tx:
        known = residents.load_facts(tx, person)

    with database.write(actor) as tx:
        residents.edit_file(
            tx, person, {"mobile": "19900000099"}, registration={"max_commute_km": 5.0},
            registration_id=known.registration_id,
        )  # fmt: skip

    with database.read() as tx:
        again = residents.load_facts(tx, person)
        assert [row.act for row in tx.sql("SELECT act FROM operation ORDER BY seq")][-1] == "resident.edit"
    assert again.registration is not None
    assert (again.resident["mobile"], again.registration["max_commute_km"]) == ("19900000099", 5.0)


def test_drafts_are_listed_for_their_owner_newest_first(database: Database, actor: Actor) -> None:
    for subject in ("one", "two"):
        with database.write(actor) as tx:
            drafts.keep_draft(tx, "register", {"name": subject}, subject=subject)

    with database.read() as tx:
        assert [kept.subject for kept in drafts.list_drafts(tx, actor.staff_id, "register")] == ["two", "one"]


def test_five_consent_texts_of_one_version_wait_for_the_district() -> None:
    texts = consents.consent_texts()

    assert list(texts) == ["1", "2", "3", "4", "5"]
    assert {(text.version, text.is_draft) for text in texts.values()} == {("2026-11", True)}


def test_rules_name_the_figures_in_force(tx: Transaction) -> None:
    assert [rule.kind for rule in todos.list_rules(tx)] == [
        *("推荐回执", "登记到期", "失业登记", "名额", "岗位到期", "回访", "通知学员", "证书到期")
    ]
