"""What stands on the counter's card: which keys, in which order, and whom to ring. No Qt."""

from __future__ import annotations

from app.config import Settings
from app.printing.counter_card import CardRow
from app.texts import N_, in_language
from app.ui.keys import caps, command

ON_CARD = (
    "register", "find", "match", "refer", "visit", "guidance", "train", "policy", "main", "edit", "print", "save_pdf",
    "undo", "palette", "sync", "lock", "help",
)  # fmt: skip
"""Commands by name, down the columns: first what is done for a resident, then the page, then the program."""
LAST = ("Esc", N_("先放一放"))


def card_keys(language: str) -> tuple[tuple[str, str], ...]:
    """Return the keys with their words in a language."""
    chosen = [command(name) for name in ON_CARD]
    own = [(caps(each.keys[0]), in_language(each.text, language)) for each in chosen]
    return (*own, (LAST[0], in_language(LAST[1], language)))


def card_row(
    settings: Settings,
    *,
    station_name: str = "",
    station_code: str = "",
    station_phone: str = "",
    language: str = "zh_CN",
) -> CardRow:
    """Return the card of this counter."""
    return CardRow(
        card_keys(language),
        station_name=station_name,
        station_code=station_code,
        window=settings.window_name,
        station_phone=station_phone,
        district_phone=settings.district_phone,
        lock_minutes=settings.idle_lock_minutes,
        language=language,
    )
