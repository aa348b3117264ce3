"""Vacancies and employers: review, publishing one and many, returning, forms, verification."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import clock
from app.config import SettingsStore
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError
from app.models.employer import Employer, Vacancy
from app.services import vacancies as service
from app.services.drafts import find_draft
from app.services.employers import UNVERIFIED
from app.ui.context import StationFacts, UiContext
from app.ui.messages import Messages, Notice
from app.ui.tasks import TaskRunner
from app.ui.vacancies import form_rules, state
from app.ui.vacancies.bulk import BATCH
from app.ui.vacancies.screen import EMPLOYER_FORM, EMPLOYERS, LIST, VACANCY_FORM, VacanciesScreen
from tests.factories import EMPLOYER, VACANCY, Factory, fictional_uscc

CLERK = frozenset({"clerk"})


class Window:
    """What a screen meets: a real runner, the messages, and where it wanted to go."""

    def __init__(self, database: Database, actor: Actor, folder: Path) -> None:
        self.went: list[tuple[str, dict[str, object]]] = []
        self.said: list[Notice] = []
        self.runner = TaskRunner(inline=True)
        self.runner.attach(database, actor)
        messages = Messages(self.runner)
        messages.said.connect(self.said.append)
        self.troubles: list[Any] = []
        messages.troubled.connect(self.troubles.append)
        self.context = UiContext(
            runner=self.runner,
            store=SettingsStore(folder / "settings.json", {}),
            messages=messages,
            navigate=self._navigate,
            actor=actor,
            station=StationFacts("330110012001", "溪桥社区就业服务站"),
            search=lambda _tx, _words, *, limit: (),
        )

    def _navigate(self, name: str, **arguments: object) -> None:
        self.went.append((name, arguments))

    def undo(self) -> None:
        undo = self.said[-1].undo
        assert undo is not None
        undo()


@pytest.fixture
def window(database: Database, actor: Actor, tmp_path: Path) -> Window:
    return Window(database, actor, tmp_path)


@pytest.fixture
def fill(database: Database, actor: Actor) -> Callable[[Callable[[Factory], Any]], Any]:
    """Return a way to write records before the screen is opened."""

    def write(work: Callable[[Factory], Any]) -> Any:
        with database.write(actor) as tx:
            found = work(Factory(tx))
            tx.flush()
            return found.id if hasattr(found, "id") else found

    return write


def _screen(qtbot: QtBot, window: Window, **arguments: object) -> VacanciesScreen:
    screen = VacanciesScreen(window.context)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.resize(974, 640)
    screen.show()
    screen.open(**arguments)
    screen.refresh()
    return screen


def _state(database: Database, vacancy_id: str) -> str:
    with database.read() as tx:
        return tx.get(Vacancy, vacancy_id).review_state


def _imported(make: Factory, **values: Any) -> Vacancy:
    row = make.vacancy(published=False, **values)
    row.legacy_note, row.trade_confidence, row.source_key = "年龄：35 岁以下", 0.42, "k"
    return row


def test_the_list_opens_on_what_waits_with_counts(qtbot: QtBot, window: Window, fill: Any) -> None:
    fill(lambda make: [make.vacancy(published=False), make.vacancy(published=False), make.vacancy()][0])

    screen = _screen(qtbot, window)

    assert screen.vacancies.slices.code() == service.IN_REVIEW
    assert len(screen.vacancies.table.rows()) == 2
    assert [piece.choice.count for piece in screen.vacancies.slices._pieces] == [2, 1, 0, 0, 3]
    assert [piece.choice.count for piece in screen.tabs._pieces] == [3, 3]


def test_an_expired_vacancy_counts_as_over(qtbot: QtBot, window: Window, fill: Any) -> None:
    def expired(make: Factory) -> Vacancy:
        row = make.vacancy()
        row.open_to = clock.today() - timedelta(days=1)
        return row

    fill(expired)
    screen = _screen(qtbot, window)
    screen.vacancies.show_slice(service.OVER)

    line = screen.vacancies.table.rows()[0]
    assert state.state_words(line, clock.today()) == "已过期"
    assert not screen.vacancies.slices._pieces[1].choice.count


def test_f9_publishes_the_chosen_one_and_undo_takes_it_back(
    qtbot: QtBot, window: Window, fill: Any, database: Database
) -> None:
    vacancy = fill(lambda make: make.vacancy(published=False))
    screen = _screen(qtbot, window)

    screen.main_action()
    published = _state(database, vacancy)
    window.undo()

    assert published == service.PUBLISHED
    assert _state(database, vacancy) == service.WAITING


def test_space_ticks_and_f9_publishes_the_ticked(qtbot: QtBot, window: Window, fill: Any, database: Database) -> None:
    ids = fill(lambda make: [make.vacancy(published=False).id for _n in range(3)])
    screen = _screen(qtbot, window)
    view = screen.vacancies.table.view
    view.setFocus()

    QTest.keyClick(view, Qt.Key.Key_Space)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Space)
    label = screen.vacancy_panel.main.text()
    screen.main_action()

    assert label == "发布选中的 2 个"
    assert sorted(_state(database, one) for one in ids) == [service.WAITING, service.PUBLISHED, service.PUBLISHED]


def test_publishing_all_goes_in_batches_and_says_what_was_left(
    qtbot: QtBot, window: Window, fill: Any, database: Database
) -> None:
    def many(make: Factory) -> int:
        owner = make.employer()
        for _n in range(BATCH + 2):
            make.vacancy(owner, published=False)
        bad = make.employer()
        bad.verify_state = "40"
        make.vacancy(bad, published=False)
        return 0

    fill(many)
    screen = _screen(qtbot, window)

    screen.vacancies.publish_all.click()

    assert window.said[-1].text == f"{BATCH + 2} 个已发布，1 个没有"
    assert "单位核验不通过或已暂停（1 个）" in screen.vacancies.result.accessibleName()
    with database.read() as tx:
        assert tx.sql("SELECT count(*) FROM operation WHERE act = 'vacancy.publish'")[0][0] == 2
        assert service.count_slices(tx)[service.IN_REVIEW] == 1
    window.undo()
    with database.read() as tx:
        assert service.count_slices(tx)[service.IN_REVIEW] == BATCH + 3


def test_a_return_asks_for_its_reason_in_place(qtbot: QtBot, window: Window, fill: Any, database: Database) -> None:
    vacancy = fill(lambda make: make.vacancy(published=False))
    screen = _screen(qtbot, window)

    QTest.keyClick(screen.vacancies.table.view, Qt.Key.Key_Delete)
    card = screen.vacancy_panel.asking
    assert card is not None
    card.yes.click()
    refused = card.own.error()
    QTest.keyClick(card.chips, Qt.Key.Key_2)
    card.yes.click()

    assert refused
    assert _state(database, vacancy) == service.RETURNED
    with database.read() as tx:
        assert tx.get(Vacancy, vacancy).remark == "六要素不全"


def test_a_published_one_is_taken_down(qtbot: QtBot, window: Window, fill: Any, database: Database) -> None:
    vacancy = fill(lambda make: make.vacancy())
    screen = _screen(qtbot, window)
    screen.show_vacancy(vacancy)

    screen.vacancy_panel.turn_down.click()
    card = screen.vacancy_panel.asking
    assert card is not None
    card.own.set_value("单位来电说不招了")
    card.yes.click()

    assert _state(database, vacancy) == service.TAKEN_DOWN


def test_what_the_import_kept_apart_is_shown_apart(qtbot: QtBot, window: Window, fill: Any) -> None:
    fill(_imported)
    screen = _screen(qtbot, window)

    names = [
        child.accessibleName()
        for child in screen.vacancy_panel.findChildren(object)
        if hasattr(child, "accessibleName")
    ]
    elements = " ".join(words for _label, words in state.six_elements(screen.vacancy_panel.sheet))  # type: ignore[arg-type]

    assert "导入原文里的条件，不作为招聘条件 年龄：35 岁以下" in names
    assert "35 岁" not in elements


def test_the_occupation_is_corrected_in_the_panel(qtbot: QtBot, window: Window, fill: Any, database: Database) -> None:
    vacancy = fill(_imported)
    screen = _screen(qtbot, window)
    field = screen.vacancy_panel.trade
    assert field is not None

    field.take(next(item for item in field.candidates("") if item.code == "4-06"))

    with database.read() as tx:
        row = tx.get(Vacancy, vacancy)
        assert (row.trade, row.trade_confidence) == ("4-06", 1.0)


def test_a_clerk_sees_no_publishing(qtbot: QtBot, database: Database, tmp_path: Path, fill: Any) -> None:
    fill(lambda make: make.vacancy(published=False))
    window = Window(database, Actor("s1", "方静", CLERK), tmp_path)
    screen = _screen(qtbot, window)

    assert screen.vacancies.publish_all.isHidden()
    assert screen.vacancy_panel.main.text() == "登记岗位"
    assert screen.vacancy_panel.turn_down.isHidden()


def test_the_filter_looks_into_title_and_employer(qtbot: QtBot, window: Window, fill: Any) -> None:
    fill(lambda make: [make.vacancy(title="叉车工"), make.vacancy(title="保洁员")][0])
    screen = _screen(qtbot, window)
    screen.vacancies.show_slice(service.ALL)

    screen.acts()["filter"]()
    screen.vacancies.search.set_text("叉车")
    qtbot.waitUntil(lambda: len(screen.vacancies.table.rows()) == 1)

    assert screen.vacancies.table.rows()[0].title == "叉车工"


def test_a_vacancy_is_registered_with_everything_and_waits(
    qtbot: QtBot, window: Window, fill: Any, database: Database
) -> None:
    employer = fill(lambda make: make.employer())
    screen = _screen(qtbot, window)
    screen._on_add()
    form = screen.vacancy_form

    form.put_values(
        {
            **VACANCY, "employer_id": employer, "si_items": ["1", "2", "3", "4", "5"], "contract_months": 12,
            "forbidden_for_women": "0", "minor_ok": False, "certs_required": ["低压电工证"],
            "open_from": clock.today(), "open_to": clock.today() + timedelta(days=30),
        }
    )  # fmt: skip
    screen.main_action()

    with database.read() as tx:
        row = service.list_slice(tx, service.IN_REVIEW)[0]
        sheet = service.get_sheet(tx, row.id)
    assert screen.pages.currentIndex() == LIST
    assert sheet.values["certs_required"] == ["低压电工证"]
    assert sheet.values["contract_months"] == 12
    assert not {"sex", "age", "marital", "hukou", "height"} & {field.name for field in form.form.fields()}


def test_what_is_missing_is_said_at_its_field(qtbot: QtBot, window: Window, fill: Any) -> None:
    fill(lambda make: make.employer())
    screen = _screen(qtbot, window)
    screen._on_add()

    screen.main_action()

    assert screen.pages.currentIndex() == VACANCY_FORM
    assert screen.vacancy_form.form.field("employer_id").error()
    assert "还差" in screen.vacancy_form.gap_title.text()


def test_a_half_filled_form_comes_back(qtbot: QtBot, window: Window, fill: Any, database: Database) -> None:
    fill(lambda make: make.employer())
    screen = _screen(qtbot, window)
    screen._on_add()
    field = screen.vacancy_form.form.field("title")
    QTest.keyClicks(field.editor, "abc")

    QTest.keyClick(screen.vacancy_form, Qt.Key.Key_Escape)
    with database.read() as tx:
        kept = find_draft(tx, window.context.actor.staff_id, "vacancy")
    screen._on_add()

    assert kept is not None
    assert screen.vacancy_form.form.field("title").value() == "abc"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"pay_min": 2, "pay_max": 1}, "pay_max"),
        ({"pay_unit": "P"}, "base_pay"),
        ({"contract_type": "50", "contract_months": 3}, "end_user_id"),
        ({"contract_type": "10"}, "contract_months"),
        ({"si_items": ["1"]}, "si_items"),
    ],
)
def test_rules_between_fields_are_told_at_the_field(changed: dict[str, Any], field: str) -> None:
    sound = {"contract_type": "20", "si_items": ["1", "2", "3", "4", "5"], "pay_unit": "M", "pay_min": 1, "pay_max": 2}

    assert form_rules.vacancy_problems(sound, complete=True) == {}
    assert field in form_rules.vacancy_problems({**sound, **changed}, complete=True)


def test_unlawful_words_are_no_condition() -> None:
    assert "35" in (form_rules.condition_problem("要求 35 岁以下，能吃苦") or "")
    assert form_rules.condition_problem("有低压电工证") is None


def test_an_employer_known_already_is_told_while_typing(qtbot: QtBot, window: Window, fill: Any) -> None:
    known = fill(lambda make: make.employer(uscc=EMPLOYER["uscc"], name="杭州云禾物业服务有限公司"))
    screen = _screen(qtbot, window, tab=EMPLOYERS)
    screen._on_add()
    form = screen.employer_form

    form.uscc.set_value(EMPLOYER["uscc"])
    form.field_done("uscc")

    assert not form.same.isHidden()
    form.open_requested.emit(form._known)
    assert screen.employers.current().id == known  # type: ignore[union-attr]


def test_a_wrong_credit_code_is_told_and_a_right_one_labelled() -> None:
    assert form_rules.uscc_problem("91330110MADEM1A18X")
    assert form_rules.uscc_problem(EMPLOYER["uscc"]) is None
    assert form_rules.uscc_hint(EMPLOYER["uscc"]) == "企业"


def test_an_employer_passes_only_when_every_paper_was_seen(
    qtbot: QtBot, window: Window, fill: Any, database: Database
) -> None:
    def unverified(make: Factory) -> Employer:
        row = make.employer()
        row.verify_state = UNVERIFIED
        return row

    employer = fill(unverified)
    screen = _screen(qtbot, window, employer=employer)
    panel = screen.employer_panel

    before = panel.passed.isEnabled()
    for box in panel.papers:
        box.setChecked(True)
    panel.passed.click()

    assert not before
    with database.read() as tx:
        assert tx.get(Employer, employer).verify_state == "20"


def test_verification_with_gaps_opens_the_form_at_them(qtbot: QtBot, window: Window, database: Database) -> None:
    with database.write(window.context.actor) as tx:
        from app.services.employers import add_employer

        employer = add_employer(tx, {"name": "江畔便利店"}, complete=False).id
    screen = _screen(qtbot, window, employer=employer)

    for box in screen.employer_panel.papers:
        box.setChecked(True)
    screen.employer_panel.passed.click()

    assert screen.pages.currentIndex() == EMPLOYER_FORM
    assert screen.employer_form.form.field("uscc").error()


def test_an_employer_is_changed_in_its_form(qtbot: QtBot, window: Window, fill: Any, database: Database) -> None:
    employer = fill(lambda make: make.employer(uscc=fictional_uscc(880)))
    screen = _screen(qtbot, window, employer=employer)

    screen.acts()["edit"]()
    screen.employer_form.form.field("contact").set_value("王经理")
    screen.main_action()

    with database.read() as tx:
        assert tx.get(Employer, employer).contact == "王经理"


def test_import_opens_the_wizard(qtbot: QtBot, window: Window) -> None:
    screen = _screen(qtbot, window)

    screen.bring_in.click()

    assert window.went == [("importing", {"kind": "vacancies"})]


def test_a_refused_save_keeps_what_was_typed(qtbot: QtBot, window: Window, fill: Any) -> None:
    fill(lambda make: make.employer())
    screen = _screen(qtbot, window)
    screen._on_add()
    form = screen.vacancy_form
    form.form.field("title").set_value("叉车工")

    form._on_refused(InvalidInputError({"title": "重名了"}))

    assert form.form.field("title").error() == "重名了"
    assert form.form.field("title").value() == "叉车工"


def test_slices_are_read_whole_for_bulk_acts(database: Database, fill: Any) -> None:
    ids = fill(lambda make: [make.vacancy(published=False).id for _n in range(3)])

    def read(tx: Transaction) -> list[str]:
        return service.list_slice_ids(tx, service.IN_REVIEW, filter_text="水电")

    with database.read() as tx:
        assert partial(read)(tx) == sorted(ids)
