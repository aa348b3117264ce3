"""The import wizard: columns guessed and remembered, run in batches off the GUI thread, a report that adds up."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.db.database import Actor, Database
from app.services.imports.columns import guess_columns
from app.services.imports.job import BATCH
from app.services.imports.remembered import find_map, save_map
from app.services.vacancies import IN_REVIEW, list_slice
from app.ui.importing import state
from app.ui.importing.screen import CHOOSE, MAP, REPORT, ImportScreen
from app.ui.tasks import TaskRunner
from tests.ui.test_vacancies import Window

HEADINGS = ("岗位名称", "公司", "薪资", "要求", "备注栏")


def _file(folder: Path, rows: int = 5, *, encoding: str = "utf-8-sig", name: str = "招聘会.csv") -> Path:
    path = folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(rows):
            writer.writerow([f"装配工{number}", f"杭州溪桥第{number % 7}厂", "4-6千/月", "吃苦耐劳", "x"])
        writer.writerow(["", "杭州溪桥第1厂", "4-6千/月", "", "x"])
    return path


@pytest.fixture
def window(database: Database, actor: Actor, tmp_path: Path) -> Window:
    return Window(database, actor, tmp_path)


@pytest.fixture
def screen(qtbot: QtBot, window: Window) -> ImportScreen:
    return _screen(qtbot, window)


def _screen(qtbot: QtBot, window: Window) -> ImportScreen:
    made = ImportScreen(window.context)
    qtbot.addWidget(made)
    qtbot.addWidget(made.panel)
    made.resize(974, 640)
    made.show()
    return made


def _stored(database: Database) -> int:
    with database.read() as tx:
        return len(list_slice(tx, IN_REVIEW))


def test_a_file_shows_its_columns_and_first_rows_before_anything_is_stored(
    screen: ImportScreen, tmp_path: Path, database: Database
) -> None:
    screen.open_file(_file(tmp_path))

    assert screen.pages.currentIndex() == MAP
    assert [field.value() for field in screen.map._fields][:3] == ["title", "employer", "pay"]
    assert screen.map.table is not None
    first, *_rest, last = screen.map.table.rows()
    assert first.cells[:3] == ("装配工0", "杭州溪桥第0厂", "4000–6000 元")
    assert last.refused
    assert last.notes
    assert _stored(database) == 0


def test_the_run_adds_up_and_its_rows_not_taken_say_why(
    screen: ImportScreen, tmp_path: Path, database: Database
) -> None:
    screen.open_file(_file(tmp_path, 450))
    screen.main_action()

    report = screen.report.report
    assert report is not None
    assert screen.pages.currentIndex() == REPORT
    assert report.adds_up()
    assert (report.read, report.refused_count) == (451, 1)
    assert screen.report.rows.rows()[0].notes
    assert _stored(database) == 450
    with database.read() as tx:
        assert tx.sql("SELECT count(*) FROM operation WHERE act = 'vacancy.import'")[0][0] == -(-450 // BATCH)


def test_importing_twice_says_that_nothing_changed(screen: ImportScreen, tmp_path: Path, database: Database) -> None:
    path = _file(tmp_path)
    text = path.read_text("utf-8-sig").splitlines()[:-1]
    path.write_text("\n".join(text) + "\n", "utf-8-sig")
    for _again in range(2):
        screen.open_file(path)
        screen.main_action()

    assert screen.report.report is not None
    assert state.nothing_changed(screen.report.report)
    assert screen.report._title.text().startswith("什么都没有变")
    assert _stored(database) == 5


def test_an_import_is_taken_back_from_its_toast(
    screen: ImportScreen, window: Window, tmp_path: Path, database: Database
) -> None:
    screen.open_file(_file(tmp_path, 250))
    screen.main_action()

    window.undo()

    assert _stored(database) == 0


def test_a_changed_column_is_remembered_for_the_next_such_file(
    screen: ImportScreen, tmp_path: Path, database: Database
) -> None:
    screen.open_file(_file(tmp_path))
    field = screen.map._fields[4]
    field.take(next(item for item in field.candidates("") if item.code == "contact"))
    screen.main_action()

    screen.open_file(_file(tmp_path, name="下个月.csv"))

    assert screen.map._fields[4].value() == "contact"
    assert "上次" in screen.map.columns_title.note.text()


def test_one_target_stands_in_one_column(screen: ImportScreen, tmp_path: Path) -> None:
    screen.open_file(_file(tmp_path))
    field = screen.map._fields[4]

    field.take(next(item for item in field.candidates("") if item.code == "title"))

    assert [one.value() or "" for one in screen.map._fields].count("title") == 1
    assert screen.map._fields[0].value() in (None, "")


def test_a_missing_column_is_named_and_holds_the_import(
    screen: ImportScreen, qtbot: QtBot, tmp_path: Path, database: Database
) -> None:
    screen.open_file(_file(tmp_path))
    field = screen.map._fields[0]
    field.take(field.candidates("")[0])
    qtbot.waitUntil(lambda: not screen.panel.main.isEnabled())

    screen.main_action()

    assert "岗位名称" in screen.map.preview_title.note.text()
    assert _stored(database) == 0


def test_an_unreadable_file_is_told_in_place(screen: ImportScreen, tmp_path: Path) -> None:
    broken = tmp_path / "坏的.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")

    screen.open_file(broken)

    assert screen.pages.currentIndex() == CHOOSE
    assert not screen.trouble.isHidden()
    assert "坏的.xlsx" in screen.trouble.accessibleName()


def test_a_gb18030_file_reads_as_any_other(screen: ImportScreen, tmp_path: Path) -> None:
    screen.open_file(_file(tmp_path, encoding="gb18030"))

    assert screen.map.table is not None
    assert screen.map.table.rows()[0].cells[0] == "装配工0"


def test_the_report_is_saved_as_csv(screen: ImportScreen, window: Window, tmp_path: Path) -> None:
    screen.open_file(_file(tmp_path))
    screen.main_action()

    screen.save_report(tmp_path / "报告.csv")

    rows = list(csv.reader((tmp_path / "报告.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["行号", "结果", "说明"]
    assert window.said[-1].text == "报告存成 报告.csv"


def test_the_main_button_leads_to_what_waits(screen: ImportScreen, window: Window, tmp_path: Path) -> None:
    screen.open_file(_file(tmp_path))
    screen.main_action()

    screen.main_action()

    assert window.went == [("vacancies", {"tab": "vacancies", "fresh": True})]


def test_a_report_that_came_in_the_background_waits_to_be_read(screen: ImportScreen, tmp_path: Path) -> None:
    screen.open_file(_file(tmp_path))
    screen.hide()
    screen.main_action()

    screen.open(kind="vacancies")
    first = screen.pages.currentIndex()
    screen.open(kind="vacancies")

    assert first == REPORT
    assert screen.pages.currentIndex() == CHOOSE


def test_escape_leads_back_to_the_first_step(screen: ImportScreen, tmp_path: Path) -> None:
    screen.open_file(_file(tmp_path))

    QTest.keyClick(screen, Qt.Key.Key_Escape)

    assert screen.pages.currentIndex() == CHOOSE


def test_the_import_runs_beside_the_window_and_can_be_stopped(
    qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path
) -> None:
    window = Window(database, actor, tmp_path)
    runner = TaskRunner()
    runner.attach(database, actor)
    object.__setattr__(window.context, "runner", runner)
    screen = _screen(qtbot, window)
    screen.open_file(_file(tmp_path, 3000))
    qtbot.waitUntil(lambda: screen.pages.currentIndex() == MAP, timeout=20_000)

    screen.main_action()
    assert screen.run is not None
    with qtbot.waitSignal(screen.run.progressed, timeout=20_000):
        pass
    screen.panel.progress.stop.click()
    qtbot.waitUntil(lambda: screen.pages.currentIndex() == REPORT, timeout=20_000)
    runner.close()

    report = screen.report.report
    assert report is not None
    assert report.cancelled
    assert report.adds_up()
    assert 0 < report.taken_count < 3000
    with database.read() as tx:
        assert tx.sql("SELECT count(*) FROM vacancy")[0][0] == report.taken_count


def test_a_lock_stops_the_import_and_keeps_what_was_taken(
    qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path
) -> None:
    window = Window(database, actor, tmp_path)
    runner = TaskRunner()
    runner.attach(database, actor)
    object.__setattr__(window.context, "runner", runner)
    screen = _screen(qtbot, window)
    screen.open_file(_file(tmp_path, 3000))
    qtbot.waitUntil(lambda: screen.pages.currentIndex() == MAP, timeout=20_000)
    screen.main_action()
    assert screen.run is not None
    with qtbot.waitSignal(screen.run.progressed, timeout=20_000):
        pass

    runner.sign_out()
    qtbot.waitUntil(lambda: screen.pages.currentIndex() == REPORT, timeout=20_000)
    runner.close()

    report = screen.report.report
    assert report is not None
    assert "锁上" in report.stopped
    assert report.taken_count > 0


def test_a_remembered_map_that_no_longer_fits_is_passed_over(database: Database, actor: Actor) -> None:
    guessed = guess_columns("vacancies", HEADINGS)
    with database.write(actor) as tx:
        save_map(tx, guessed)
        save_map(tx, guessed.with_target(4, "contact"))
    with database.read() as tx:
        found = find_map(tx, guessed)
        other = find_map(tx, guess_columns("employers", HEADINGS))

    assert found is not None
    assert found.targets[4] == "contact"
    assert other is None
