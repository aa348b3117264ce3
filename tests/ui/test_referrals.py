"""The list of referrals and the reply stub that comes back."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.models.identity import slip_payload
from app.services import referrals
from app.ui.referrals import state
from tests.ui.referral_desk import Desk, desk, press, type_in


def _number(held: Desk, referral_id: str) -> str:
    return held.read(lambda tx: referrals.get_referral(tx, referral_id).slip_no)


def _kept(held: Desk, referral_id: str) -> Any:
    return held.read(lambda tx: referrals.get_referral(tx, referral_id).model_copy())


def test_a_hire_asks_for_day_contract_wage_and_insurance() -> None:
    assert {"onboard_date", "contract_type", "wage_agreed", "insured"} <= state.required_for("1", insured=False)
    assert "si_from" in state.required_for("1", insured=True)
    assert "si_from" not in state.fields_for("1", insured=False)


@pytest.mark.parametrize("outcome", ["3", "4", "5", "6"])
def test_no_hire_asks_for_its_reason(outcome: str) -> None:
    assert "outcome_reason" in state.required_for(outcome, insured=False)


def test_what_another_outcome_asked_for_is_not_kept() -> None:
    kept = state.collected({"outcome": "3", "onboard_date": date(2026, 12, 1)}, state.fields_for("3", insured=False))

    assert kept["onboard_date"] is None


@pytest.mark.parametrize(("typed", "month"), [("202612", "2026-12"), ("12", "2026-12"), ("2026年1月", "2026-01")])
def test_months_are_read_as_people_type_them(typed: str, month: str) -> None:
    assert state.month_of(typed, date(2026, 11, 24)) == month


def test_scanning_over_the_list_opens_the_outcome(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        screen = held.go("referrals")

        type_in(slip_payload(_number(held, made)))
        press(Qt.Key.Key_Return)

        assert screen.is_entering
        assert screen.form.view.line.id == made


def test_four_figures_of_a_number_do_the_same(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        screen = held.go("referrals")

        type_in("0001")
        press(Qt.Key.Key_Return)

        assert screen.form.view.line.id == made


def test_wrong_check_digits_are_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        payload = slip_payload(_number(held, held.referral()))
        screen = held.go("referrals")

        type_in(payload[:-1] + ("1" if payload[-1] != "1" else "2"))
        press(Qt.Key.Key_Return)

        assert not screen.is_entering
        assert held.troubles


def test_a_hire_is_entered_by_keyboard_alone_and_can_be_undone(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        screen = held.go("referrals")
        press(Qt.Key.Key_Return)

        for typed in ("1", "1", "", "20261201", "10", "24", "4800", "1", "202612"):
            type_in(typed)
            press(Qt.Key.Key_Return)
        press(Qt.Key.Key_F9)

        kept = _kept(held, made)
        assert (kept.state, kept.outcome, kept.onboard_date) == ("40", "1", date(2026, 12, 1))
        assert (kept.contract_type, kept.contract_months, kept.wage_agreed, kept.si_from) == (
            "10",
            24,
            480000,
            "2026-12",
        )
        assert not screen.is_entering
        press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert _kept(held, made).outcome is None


def test_gaps_are_told_at_their_fields_and_nothing_is_saved(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        screen = held.go("referrals")
        press(Qt.Key.Key_Return)

        type_in("3")
        press(Qt.Key.Key_F9)

        assert screen.form.form.field("outcome_reason").error() == "没录用要选原因"
        assert _kept(held, made).outcome is None


def test_slices_count_what_they_hold(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        waiting = held.referral(held.vacancy("保洁员", "杭州甲公司"))
        void = held.referral(held.vacancy("收货员", "杭州乙公司"))
        held.write(lambda make: referrals.void_referral(make.tx, void, "2"))
        screen = held.go("referrals")

        assert [line.id for line in screen.table.rows()] == [waiting]
        counts = {code: len(state.in_slice(screen._lines, code)) for code, _label, _states in state.SLICES}
        assert counts == {"waiting": 1, "replied": 0, "ended": 1, "all": 2}


def test_the_list_is_filtered_by_name_employer_and_initials(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        held.referral(held.vacancy("保洁员", "杭州甲公司"))
        held.referral(held.vacancy("收货员", "杭州乙公司"))
        screen = held.go("referrals")

        type_in("shy")

        assert [line.vacancy_title for line in screen.table.rows()] == ["收货员"]


def test_a_void_slip_takes_no_reply(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        held.write(lambda make: referrals.void_referral(make.tx, made, "2"))
        screen = held.go("referrals")

        type_in(slip_payload(_number(held, made)))
        press(Qt.Key.Key_Return)

        assert not screen.is_entering
        assert "作废" in held.said[-1].text
