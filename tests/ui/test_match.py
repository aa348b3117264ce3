"""Match: what is suggested and why, what is not, and the slips that follow."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.models.operation import Operation
from app.models.referral import Referral
from app.services import referrals
from app.services.matching.rules import PARTS
from app.services.referral_lines import list_referrals
from app.ui.match import state
from app.ui.match.columns import score_words
from app.ui.match.state import EVERYTHING, NOT_SUGGESTED, SUGGESTED
from tests.ui.referral_desk import Desk, desk, press, type_in

CTRL = Qt.KeyboardModifier.ControlModifier
NEAR_JOB, OTHER_JOB, NIGHT_JOB = "水电维修工", "公寓综合维修", "夜班保安"


def _three(held: Desk) -> None:
    held.vacancy(NEAR_JOB, "杭州云禾物业服务有限公司", certs_required=[{"name": "低压电工作业证", "mandatory": False}])
    held.vacancy(OTHER_JOB, "杭州栖里公寓管理有限公司", verified=False)
    held.vacancy(NIGHT_JOB, "杭州溪桥智能仓储有限公司", shift=["04"])


def _match(held: Desk) -> Any:
    _three(held)
    return held.go("match", id=held.person)


def _panel_words(screen: Any) -> str:
    return " ".join(label.text() for label in screen.panel.findChildren(QLabel))


def _all_referrals(held: Desk) -> list[Any]:
    return held.read(lambda tx: list(list_referrals(tx)))


def test_every_suggestion_has_its_score_and_seven_reasons(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        row = screen.tables[SUGGESTED].current_row()
        words = _panel_words(screen)
        assert [one.title for one in screen.tables[SUGGESTED].rows()] == [OTHER_JOB, NEAR_JOB]
        assert [one.part for one in row.suggestion.parts] == list(PARTS)
        assert all(one.text in words for one in row.suggestion.parts)
        assert f"{row.suggestion.score:.1f}" in words


def test_counts_of_the_tabs_add_up(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        result = screen._matched.result
        assert result.passed + result.filtered_count == result.considered == 3
        assert screen._matched.open_count == 3
        assert screen.foot.counts.text() == "本人不上夜班 1"


def test_arrows_move_and_the_panel_follows(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        press(Qt.Key.Key_Down)

        assert NEAR_JOB in _panel_words(screen)
        assert "本人没写技能和证书，没有比较" in _panel_words(screen)


def test_all_vacancies_come_in_the_same_order_for_everybody(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)
        press(Qt.Key.Key_2, CTRL)
        first = [row.title for row in screen.tables[EVERYTHING].rows()]

        other = held.write(lambda make: make.registration(accept_shift=["04"]).resident_id)
        held.go("match", id=other)
        press(Qt.Key.Key_2, CTRL)

        assert first == [NIGHT_JOB, OTHER_JOB, NEAR_JOB]
        assert [row.title for row in screen.tables[EVERYTHING].rows()] == first


def test_what_is_not_suggested_says_why_in_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        press(Qt.Key.Key_3, CTRL)

        rows = screen.tables[NOT_SUGGESTED].rows()
        assert [(row.title, row.label) for row in rows] == [(NIGHT_JOB, "本人不上夜班")]
        assert rows[0].why in _panel_words(screen)
        assert "没有推荐" in " ".join(chip.text for chip in screen.panel.findChildren(type(_chip())))


def _chip() -> Any:
    from app.ui.widgets import Chip

    return Chip("")


def test_the_filter_takes_pinyin_initials(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        press(Qt.Key.Key_Slash)
        type_in("sdwx")

        assert [row.title for row in screen.tables[SUGGESTED].rows()] == [NEAR_JOB]
        press(Qt.Key.Key_Escape)
        assert len(screen.tables[SUGGESTED].rows()) == 2


def test_space_ticks_and_the_button_says_how_many(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        press(Qt.Key.Key_Space)
        press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Space)

        assert screen.panel.button.text() == "开推荐信（已选 2）"


def test_without_consent_no_slip_is_issued(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        press(Qt.Key.Key_F8)
        press(Qt.Key.Key_F9)

        assert screen._dialog.error.isVisible()
        assert "还没同意" in screen._dialog.error.text()
        press(Qt.Key.Key_Escape)
        assert _all_referrals(held) == []
        assert screen._dialog is None


def test_each_slip_is_an_act_of_its_own_and_keeps_its_reasons(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)
        version = screen._matched.result.weights_version
        press(Qt.Key.Key_Space)
        press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Space)

        press(Qt.Key.Key_F8)
        type_in("12")
        press(Qt.Key.Key_F9)

        rows = held.read(lambda tx: [tx.get(Referral, line.id).model_dump() for line in list_referrals(tx)])
        assert held.name() == "slip"
        assert [row["weights_version"] for row in rows] == [version, version]
        assert all(len(row["match_reasons"]) == len(PARTS) and row["match_score"] for row in rows)
        assert held.read(lambda tx: _acts(tx).count("referral.issue")) == 2
        assert held.said[-1].text == "已开推荐信 0001、0002"


def _acts(tx: Any) -> list[str]:
    from sqlmodel import select

    return [row[0] for row in tx.rows(select(Operation.act))]


def test_only_who_was_agreed_to_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        _match(held)
        press(Qt.Key.Key_Space)
        press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Space)

        press(Qt.Key.Key_F8)
        type_in("2")
        press(Qt.Key.Key_F9)

        assert [line.vacancy_title for line in _all_referrals(held)] == [NEAR_JOB]


def test_an_interview_needs_its_day_and_its_time(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)
        press(Qt.Key.Key_F8)
        line = screen._dialog.lines[0]

        type_in("1")
        press(Qt.Key.Key_Return)
        type_in("20990105")
        press(Qt.Key.Key_F9)
        assert "要么都填" in line.error.text()
        press(Qt.Key.Key_Return)
        type_in("1400")
        press(Qt.Key.Key_F9)

        moment = held.read(lambda tx: referrals.get_referral(tx, _all_referrals(held)[0].id).interview_at)
        assert moment is not None
        assert moment.isoformat() == "2099-01-05T06:00:00+00:00"


def test_a_refused_slip_does_not_stop_the_others(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        _match(held)
        press(Qt.Key.Key_Space)
        press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Space)
        press(Qt.Key.Key_F8)
        gone = held.read(lambda tx: _vacancy_id(tx, OTHER_JOB))
        held.write(lambda make: _take_down(make, gone))

        type_in("12")
        press(Qt.Key.Key_F9)

        assert [line.vacancy_title for line in _all_referrals(held)] == [NEAR_JOB]
        assert OTHER_JOB in held.troubles[-1].text
        assert "下架" in held.troubles[-1].text


def _vacancy_id(tx: Any, title: str) -> str:
    from app.services.vacancies import list_vacancies

    return next(line.id for line in list_vacancies(tx) if line.title == title)


def _take_down(make: Any, vacancy_id: str) -> None:
    from app.services.vacancies import take_down

    take_down(make.tx, vacancy_id, "单位不招了")


def test_whoever_has_no_registration_is_told_so(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        stranger = held.write(lambda make: make.resident().id)

        screen = held.go("match", id=stranger)

        assert "没有有效的求职登记" in screen.tables[SUGGESTED]._empty.accessibleName()
        assert held.troubles == []


def test_escape_goes_back_to_the_file(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        _match(held)

        press(Qt.Key.Key_Escape)

        assert held.name() == "resident_file"
        assert held.front().opened[-1] == {"id": held.person}


def test_a_score_is_read_out_in_full_words(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _match(held)

        words = [score_words(row.suggestion) for row in screen.tables[SUGGESTED].rows()]

        assert all(said.partition(" ")[0].replace(".", "").isdigit() for said in words)
        assert "七项里 1 项差一点" in words[1]


def test_a_priority_is_shown_apart_from_the_score(qtbot: QtBot, tmp_path: Path) -> None:
    from dataclasses import replace

    with desk(qtbot, tmp_path) as held:
        screen = _match(held)
        row = screen.tables[SUGGESTED].current_row()
        boosted = replace(row.suggestion, boost=5.0)

        screen._show_row(state.row_of_suggestion(boosted))

        assert "优先 +5，不算在分数里" in _panel_words(screen)
        assert f"{row.suggestion.score:.1f}" in _panel_words(screen)
