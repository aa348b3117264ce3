"""What About shows and what it lets one copy. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.licences import BUILD, OWN, PART, Component, list_components, whole_text
from app.services.program_facts import ProgramFacts, program_facts
from app.texts import N_, _

if TYPE_CHECKING:
    from app.db.database import Transaction

KINDS = {PART: N_("里面的库、字体、图标"), BUILD: N_("只在打包时用")}


@dataclass(frozen=True)
class AboutView:
    """The facts of the program and everything that it carries."""

    facts: ProgramFacts
    components: tuple[Component, ...]


def load_about(tx: Transaction) -> AboutView:
    """Read the facts and the list.

    Raises:
        StorageError: the program was not installed whole.
    """
    return AboutView(program_facts(tx), list_components())


def load_text(component: Component) -> str:
    """Read the licence of one component; asks no database.

    Raises:
        StorageError: the program was not installed whole.
    """
    return whole_text(component)


def fact_lines(facts: ProgramFacts, qt: str) -> tuple[tuple[str, str], ...]:
    """Return label and words of each fact; ``qt``: the version of Qt, which only the window knows."""
    cipher = facts.cipher.removesuffix(" community")
    return (
        (_("程序版本"), facts.version),
        (_("数据格式"), facts.schema),
        (_("这台电脑"), " · ".join(part for part in (facts.station, facts.device_no) if part)),
        (_("系统"), facts.system),
        ("Python", facts.python),
        ("Qt", qt),
        (_("数据库"), f"SQLCipher {cipher} · SQLite {facts.sqlite}"),
        (_("数据文件夹"), str(facts.folder)),
    )


def facts_text(facts: ProgramFacts, qt: str) -> str:
    """Return the facts as lines to read out on the phone or to paste into a message; no person is in them."""
    lines = fact_lines(facts, qt)
    return "\n".join((_("家门口"), *(f"{label}：{words}" for label, words in lines if words)))


def licence_words(count: int) -> str:
    """Return under what the program itself stands, and how much of others it carries."""
    return _("家门口按 {licence} 许可。下面是它带着的别人的东西，{n} 项：", licence=OWN, n=count)


def matching(components: Sequence[Component], typed: str) -> list[Component]:
    """Return those that fit what was typed."""
    return [each for each in components if each.matches(typed)]


def place_words(component: Component) -> str:
    """Return the version; of a part, what it lies in."""
    return component.version


def kind_words(component: Component) -> str:
    """Return what sort of thing it is, where that is to be said."""
    return _(KINDS[component.kind]) if component.kind in KINDS else ""


def title_words(component: Component) -> str:
    """Return name and version."""
    within = _("在 {what} 里", what=component.version) if component.kind == PART else component.version
    return f"{component.name}  {within}"
