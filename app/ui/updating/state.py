"""What the page of updates says and offers, from a view alone."""

from __future__ import annotations

from dataclasses import dataclass

from app.sync.updating import ASKING, FETCHING, RESTING, TAKING, UNPACKING, UpdateView
from app.texts import _, language
from app.updates.words import state_words


@dataclass(frozen=True)
class Page:
    """One page. ``can_install``: F9; ``can_put_off``: it is to be installed, and need not; ``share``: how far."""

    now: str
    lines: tuple[str, ...]
    offer: str = ""
    size: str = ""
    notes: str = ""
    can_install: bool = False
    can_put_off: bool = False
    can_decline: bool = False
    doing: str = ""
    share: float | None = None
    amount: str = ""
    can_stop: bool = False
    can_go_on: bool = False
    trouble: str = ""
    back_to: str = ""
    can_ask: bool = True


def page_of(view: UpdateView, *, joined: bool = True) -> Page:
    """Return the page; ``joined``: there is a district to ask."""
    found, offer, busy = view.standing, view.standing.offer, view.doing != RESTING
    declined = offer is not None and offer.version in found.state.declined
    return Page(
        now=_("现在用的是 {version}", version=found.running),
        lines=tuple(state_words(found))[1 if busy and offer is None and found.state.trial is None else 0 :],
        offer=_("新版本 {version}", version=offer.version) if offer else "",
        size=_megabytes(offer.size) if offer else "",
        notes=offer.notes_in(language()) if offer else "",
        can_install=offer is not None and not found.wanted,
        can_put_off=found.wanted,
        can_decline=offer is not None and not declined and not found.wanted,
        doing=_doing(view),
        share=view.done / view.size if busy and view.size else None,
        amount=_amount(view) if busy and view.size else "",
        can_stop=view.doing in (FETCHING, TAKING),
        can_go_on=view.paused and not busy,
        trouble=view.trouble,
        back_to=found.back_to if not found.back_refused else "",
        can_ask=joined and not busy,
    )


def _doing(view: UpdateView) -> str:
    if view.doing == ASKING:
        return _("正在问区里…")
    if view.doing == FETCHING:
        return _("正在下载 {version}，不影响办事", version=view.version)
    if view.doing == TAKING:
        return _("正在从 U 盘取，先别拔")
    if view.doing == UNPACKING:
        return _("正在解开 {version}，不影响办事", version=view.version)
    return _("下载停下了，取到的都留着") if view.paused else ""


def _amount(view: UpdateView) -> str:
    return f"{_megabytes(view.done)} / {_megabytes(view.size)}"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
