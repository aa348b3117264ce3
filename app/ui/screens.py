"""SCREENS: every screen of the desktop, one line each.

A screen is a ``QWidget`` built as ``Factory(context)`` once per sign-in, when first opened. The window then calls,
where the screen has them:

- ``open(**arguments)`` with the arguments of ``context.navigate(name, **arguments)``, each time it is navigated to;
- ``refresh()`` after that, and when a watched record type changed: at once if visible, else when next shown;
- ``panel``: a widget for the right side; ``key_hints()``: a list of ``keys.KeyHint`` for the key bar;
- ``main_action()`` for F9, ``acts()``: command name (``keys.COMMANDS``) → callable, for every other command it knows;
- ``may_leave()``: False keeps the person here (the screen says why);
- ``badge()`` → count shown in the rail, read whenever the screen's signal ``badge_changed`` tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from app.texts import N_

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QWidget

    from app.ui.context import UiContext
    from app.ui.keys import KeyHint
    from app.ui.sync_badge import SyncSummary

EVERYBODY = frozenset({"clerk", "trainer", "supervisor", "officer", "operator"})
COUNTER = frozenset({"clerk", "supervisor", "officer", "operator"})


@runtime_checkable
class Refreshing(Protocol):
    """Reads its records anew."""

    def refresh(self) -> None:
        """Read again, off the GUI thread."""
        ...


@runtime_checkable
class Opening(Protocol):
    """Takes arguments when navigated to."""

    def open(self, **arguments: object) -> None:
        """Show what the arguments name."""
        ...


@runtime_checkable
class Hinting(Protocol):
    """Fills the key bar."""

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        ...


@runtime_checkable
class Acting(Protocol):
    """Offers commands."""

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return command name → callable."""
        ...


@runtime_checkable
class WithMainAction(Protocol):
    """Has a main button."""

    def main_action(self) -> object:
        """Do what the main button does (F9)."""
        ...


@runtime_checkable
class Guarding(Protocol):
    """May hold the person here."""

    def may_leave(self) -> bool:
        """Tell whether the person may go elsewhere now."""
        ...


@runtime_checkable
class Badged(Protocol):
    """Has a count for the rail."""

    badge_changed: SignalInstance

    def badge(self) -> int:
        """Return the count."""
        ...


@runtime_checkable
class Syncing(Protocol):
    """Shows the sync's own state."""

    def show_sync(self, summary: SyncSummary) -> None:
        """Show it; more often than records change."""
        ...


@dataclass(frozen=True)
class Screen:
    """One screen: where it hangs and what it watches. ``rail`` is "top", "bottom" or "" (opened from elsewhere)."""

    name: str
    title: str
    icon: str
    factory: str
    roles: frozenset[str] = EVERYBODY
    watches: frozenset[str] = frozenset()
    rail: str = ""
    shortcut: str = ""
    under: str = ""

    def build(self, context: UiContext) -> QWidget:
        """Import the screen's module and make the widget."""
        module, _colon, name = self.factory.partition(":")
        make = cast("Callable[[UiContext], QWidget]", getattr(import_module(module), name))
        return make(context)


SCREENS: tuple[Screen, ...] = (
    Screen(
        "today",
        N_("今日"),
        "calendar-check",
        "app.ui.today.whose:today_of",
        watches=frozenset({"referral", "registration", "resident", "unemp_reg", "vacancy"})
        | frozenset({"training_class", "lesson", "enrolment", "attendance", "certificate"})
        | {"visit", "followup", "guidance", "policy_intro"},
        rail="top",
    ),
    Screen(
        "residents",
        N_("居民"),
        "users-round",
        "app.ui.residents.screen:ResidentsScreen",
        roles=COUNTER,
        watches=frozenset({"resident", "registration"}),
        rail="top",
    ),
    Screen(
        "vacancies",
        N_("岗位"),
        "briefcase",
        "app.ui.vacancies.screen:VacanciesScreen",
        roles=COUNTER,
        watches=frozenset({"vacancy", "employer"}),
        rail="top",
    ),
    Screen(
        "referrals",
        N_("推荐"),
        "handshake",
        "app.ui.referrals.screen:ReferralsScreen",
        roles=COUNTER,
        watches=frozenset({"referral"}),
        rail="top",
    ),
    Screen(
        "training",
        N_("培训"),
        "graduation-cap",
        "app.ui.training.screen:TrainingScreen",
        watches=frozenset({"course", "training_class", "lesson", "enrolment"}),
        rail="top",
    ),
    Screen(
        "ledgers",
        N_("台账"),
        "book-open-text",
        "app.ui.ledgers.screen:LedgersScreen",
        roles=frozenset({"supervisor", "officer"}),
        watches=frozenset({"month_close"}),
        rail="top",
    ),
    Screen(
        "district_ledgers",
        N_("全区台账"),
        "building-2",
        "app.ui.district_ledgers.screen:DistrictLedgersScreen",
        roles=frozenset({"officer"}),
        rail="top",
    ),
    Screen(
        "dashboard",
        N_("看板"),
        "chart-column",
        "app.ui.dashboard.screen:DashboardScreen",
        roles=frozenset({"supervisor", "officer"}),
        watches=frozenset({"resident", "emp_status", "unemp_reg", "registration", "referral", "enrolment"})
        | {"training_class", "certificate", "craft_assign", "craft_delivery", "visit", "followup", "guidance"}
        | {"policy_intro", "vacancy"},
        rail="top",
    ),
    Screen(
        "class_file",
        N_("班级"),
        "clipboard-list",
        "app.ui.class_file.screen:ClassFileScreen",
        watches=frozenset({"course", "training_class", "lesson", "enrolment", "attendance"}),
        under="training",
    ),
    Screen(
        "register",
        N_("求职登记"),
        "user-round-plus",
        "app.ui.register.screen:RegisterScreen",
        roles=COUNTER,
        shortcut="F2",
        under="residents",
    ),
    Screen(
        "resident_file",
        N_("居民档案"),
        "user-round",
        "app.ui.resident_file.screen:ResidentFileScreen",
        roles=COUNTER,
        watches=frozenset(
            {
                "resident",
                "registration",
                "referral",
                "slip_print",
                "unemp_reg",
                "emp_status",
                "consent",
                "household",
                "household_member",
                "service_event",
                "enrolment",
                "eligibility_check",
                "certificate",
                "craft_assign",
                "craft_delivery",
                "visit",
                "followup",
                "guidance",
                "policy_intro",
            }
        ),
        under="residents",
    ),
    Screen(
        "field_work",
        N_("走访和回访"),
        "footprints",
        "app.ui.field_work.screen:FieldWorkScreen",
        roles=frozenset({"clerk", "supervisor"}),
        under="residents",
    ),
    Screen(
        "match",
        N_("匹配岗位"),
        "list-checks",
        "app.ui.match.screen:MatchScreen",
        roles=COUNTER,
        watches=frozenset({"vacancy", "registration", "training_class", "enrolment"}),
        under="residents",
    ),
    Screen(
        "slip",
        N_("推荐信"),
        "file-text",
        "app.ui.slip.screen:SlipScreen",
        roles=COUNTER,
        watches=frozenset({"referral", "slip_print"}),
        under="referrals",
    ),
    Screen(
        "importing",
        N_("导入"),
        "file-spreadsheet",
        "app.ui.importing.screen:ImportScreen",
        roles=COUNTER,
        under="vacancies",
    ),
    Screen(
        "crafts",
        N_("手工订单"),
        "hand-coins",
        "app.ui.crafts.screen:CraftsScreen",
        roles=COUNTER,
        watches=frozenset({"craft_order", "craft_assign", "craft_delivery", "resident", "employer"}),
        under="training",
    ),
    Screen(
        "merging",
        N_("并档案"),
        "merge",
        "app.ui.merging.screen:MergingScreen",
        roles=frozenset({"clerk", "supervisor"}),
        under="residents",
    ),
    Screen(
        "roll_call",
        N_("点名"),
        "clipboard-check",
        "app.ui.roll_call.screen:RollCallScreen",
        watches=frozenset({"attendance", "enrolment", "lesson", "training_class"}),
        under="training",
    ),
    Screen(
        "sign_up",
        N_("报名"),
        "user-round-plus",
        "app.ui.sign_up.screen:SignUpScreen",
        roles=COUNTER,
        watches=frozenset({"enrolment", "training_class", "course", "lesson"}),
        under="training",
    ),
    Screen(
        "graduation",
        N_("结业和证书"),
        "graduation-cap",
        "app.ui.graduation.screen:GraduationScreen",
        watches=frozenset({"enrolment", "training_class", "attendance", "assessment", "certificate", "emp_status"}),
        under="training",
    ),
    Screen("sync", N_("同步"), "refresh-cw", "app.ui.sync_centre.screen:SyncScreen", rail="bottom"),
    Screen(
        "devices",
        N_("设备"),
        "laptop",
        "app.ui.devices.screen:DevicesScreen",
        roles=frozenset({"supervisor", "officer"}),
        rail="bottom",
    ),
    Screen("settings", N_("设置"), "settings", "app.ui.settings.screen:SettingsScreen", rail="bottom"),
    Screen("about", N_("关于家门口"), "info", "app.ui.about.screen:AboutScreen", under="settings"),
    Screen("updates", N_("程序更新"), "download", "app.ui.updating.screen:UpdatesScreen", under="settings"),
)


def screen_named(name: str, screens: tuple[Screen, ...] = SCREENS) -> Screen:
    """Return the screen of that name.

    Raises:
        KeyError: there is none.
    """
    for screen in screens:
        if screen.name == name:
            return screen
    raise KeyError(name)


def rail_of(screen: Screen) -> str:
    """Return the name of the rail entry that is lit while the screen shows."""
    return screen.name if screen.rail else screen.under


def open_to(roles: frozenset[str] | tuple[str, ...], screens: tuple[Screen, ...] = SCREENS) -> tuple[Screen, ...]:
    """Return the screens that these roles may open, in rail order."""
    return tuple(screen for screen in screens if screen.roles & frozenset(roles))
