"""``card``: the counter's card as a PDF. Nobody need sign in for it: it names the station and no person."""

import argparse
import dataclasses
import json

from app import texts
from app.config import SettingsStore
from app.db.keyring import STATION_NOTE, Keyring
from app.errors import InvalidInputError, StorageError
from app.paths import DataFolder
from app.printing.counter_card import render_counter_card
from app.services.counters import is_founded
from app.texts import _
from app.ui.card import card_row


def run_card(options: argparse.Namespace) -> int:
    """Write the card of this counter, or an unnamed one where there is no station yet."""
    out = options.out.absolute()
    if out.suffix.lower() != ".pdf":
        raise InvalidInputError({"out": _("一页卡只能存成 .pdf：{file}", file=options.out)})
    folder = DataFolder(options.data)
    note = Keyring.open(folder).recall(STATION_NOTE) if is_founded(folder) else None
    station = json.loads(note) if note else {}
    settings = SettingsStore(folder.root / "settings.json").current
    if options.district_phone:
        settings = dataclasses.replace(settings, district_phone=options.district_phone)
    row = card_row(
        settings,
        station_name=station.get("name", ""),
        station_code=station.get("code", ""),
        station_phone=options.phone,
        language=texts.language(),
    )
    beside = out.with_name(out.name + ".part")
    try:
        beside.write_bytes(render_counter_card(row))
        beside.replace(out)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        text = _("没有存下来：{why}。换一个文件夹再存。", why=problem.strerror or "")
        raise StorageError(text, code="storage.pdf") from problem
    print(_("一页卡已存到 {path}", path=out))
    return 0
