"""Settings: every setting once, typed, with its default, its words and its range.

Defaults < the data folder's ``settings.json`` < the signed-in person's own choices in that file < environment
(``DOORSTEP_`` and the name in capitals). A setting is one field here; the settings screen shows it by itself.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import InvalidInputError, StorageError
from app.texts import N_, _

log = logging.getLogger(__name__)

PERSON, MACHINE = "person", "machine"
LOOK, SECURITY, PRINTING, NETWORK, STORAGE = N_("外观"), N_("安全"), N_("打印"), N_("联网"), N_("备份")
GROUPS = (LOOK, SECURITY, PRINTING, NETWORK, STORAGE)

Value = str | int | bool


@dataclass(frozen=True)
class SettingFacts:
    """What a setting is called, what it means, which values it takes; ``scope``: this PC's, or each person's own."""

    label: str
    help: str
    group: str
    scope: str = MACHINE
    choices: tuple[tuple[Value, str], ...] = ()
    low: int = 0
    high: int = 0
    unit: str = ""


def _setting(default: Value, facts: SettingFacts) -> Any:
    return field(default=default, metadata={"facts": facts})


@dataclass(frozen=True)
class Settings:
    """The settings in force at one moment."""

    language: str = _setting(
        "zh_CN",
        SettingFacts(
            N_("语言"),
            N_("马上换，不用重开程序。打印出来的总是中文。"),
            LOOK,
            PERSON,
            choices=(("zh_CN", N_("中文")), ("en", "English")),
        ),
    )
    theme: str = _setting(
        "system",
        SettingFacts(
            N_("明暗"),
            N_("只换你自己的，别人登录不变。纸面总是白的。"),
            LOOK,
            PERSON,
            choices=(("system", N_("跟随系统")), ("light", N_("浅色")), ("dark", N_("深色"))),
        ),
    )
    text_scale: int = _setting(
        100,
        SettingFacts(
            N_("字的大小"),
            N_("也可以按 Ctrl 和 +、-、0。"),
            LOOK,
            PERSON,
            choices=tuple((percent, f"{percent} %") for percent in (100, 110, 125, 150, 175, 200)),
        ),
    )
    window_name: str = _setting(
        "", SettingFacts(N_("这台电脑叫什么"), N_("比如“2 号窗口”，显示在登录页和右上角。"), LOOK)
    )
    idle_lock_minutes: int = _setting(
        5,
        SettingFacts(
            N_("没人动就锁上"), N_("锁上以后草稿都在，输 PIN 接着办。"), SECURITY, low=1, high=60, unit=N_("分钟")
        ),
    )
    printer: str = _setting("", SettingFacts(N_("打印机"), N_("空着就用系统默认的那台。"), PRINTING))
    paper: str = _setting(
        "A4",
        SettingFacts(N_("推荐信用纸"), N_("三联都印在一张上。"), PRINTING, choices=(("A4", "A4"), ("A5", "A5"))),
    )
    sync_seconds: int = _setting(
        180,
        SettingFacts(
            N_("隔多久同步一次"), N_("有新的改动会马上送，不等这个时间。"), NETWORK, low=15, high=3600, unit=N_("秒")
        ),
    )
    district_ca: str = _setting(
        "", SettingFacts(N_("区里的证书文件"), N_("区里用自己的证书时，填证书文件的位置；一般空着。"), NETWORK)
    )
    district_phone: str = _setting(
        "", SettingFacts(N_("区里的电话"), N_("印在窗口一页卡上：电脑丢了、弄不懂了打给谁。"), NETWORK)
    )
    update_download: str = _setting(
        "always",
        SettingFacts(
            N_("自动下载新版本"),
            N_("只是下载，不影响办事；装不装、什么时候装由您定。"),
            NETWORK,
            choices=(("always", N_("随时")), ("quiet", N_("午休和下班后")), ("never", N_("不下载"))),
        ),
    )
    backup_minutes: int = _setting(
        60,
        SettingFacts(
            N_("隔多久备份一次"), N_("有改动才备份，备份也是加密的。"), STORAGE, low=10, high=1440, unit=N_("分钟")
        ),
    )


def facts_of(name: str) -> SettingFacts:
    """Return the words and range of a setting.

    Raises:
        KeyError: there is no such setting.
    """
    for each in dataclasses.fields(Settings):
        if each.name == name:
            facts: SettingFacts = each.metadata["facts"]
            return facts
    raise KeyError(name)


def names() -> tuple[str, ...]:
    """Return every setting's name, in the order of the screen."""
    return tuple(each.name for each in dataclasses.fields(Settings))


def parse(name: str, value: object) -> Value:
    """Return the value in the setting's type.

    Raises:
        InvalidInputError: wrong kind, out of range, or not one of the choices.
    """
    facts, default = facts_of(name), getattr(Settings(), name)
    parsed: Value
    if isinstance(default, int):
        try:
            parsed = int(str(value))
        except ValueError:
            raise InvalidInputError({name: _("“{label}”要填整数", label=_(facts.label))}) from None
    elif isinstance(value, str):
        parsed = value.strip()
    else:
        raise InvalidInputError({name: _("“{label}”要填文字", label=_(facts.label))})
    if facts.choices and parsed not in [choice for choice, _word in facts.choices]:
        raise InvalidInputError({name: _("“{label}”没有这个选项：{value}", label=_(facts.label), value=parsed)})
    if facts.high and isinstance(parsed, int) and not facts.low <= parsed <= facts.high:
        raise InvalidInputError(
            {name: _("“{label}”在 {low} 到 {high} 之间", label=_(facts.label), low=facts.low, high=facts.high)}
        )
    return parsed


class SettingsStore:
    """Reads and writes the settings of one data folder. ``current`` is always whole and valid."""

    def __init__(self, file: Path, environ: Mapping[str, str] | None = None) -> None:
        self._file = file
        self._environ = dict(os.environ if environ is None else environ)
        self._person = ""
        self._damaged = False
        self._machine, self._people = self._load()
        self._told: list[Callable[[str], object]] = []
        self.current = self._compose()

    def set_person(self, staff_id: str) -> None:
        """Use this person's own choices from now on; "" when nobody is signed in."""
        before, self._person = self.current, staff_id
        self.current = self._compose()
        for name in names():
            if getattr(before, name) != getattr(self.current, name):
                self._tell(name)

    def change(self, name: str, value: object) -> None:
        """Set one setting for good.

        Raises:
            InvalidInputError: not a value of this setting, or the environment has fixed it.
            StorageError: it could not be written; the old value stands.
        """
        parsed = parse(name, value)
        if self.fixed(name):
            raise InvalidInputError({name: _("这一项由系统环境定了，这里改不了。")})
        own = facts_of(name).scope == PERSON and self._person
        place = self._people.setdefault(self._person, {}) if own else self._machine
        kept = dict(place)
        place[name] = parsed
        try:
            self._save()
        except OSError as error:
            place.clear()
            place.update(kept)
            sentence = _("设置没有存下，还是原来的样子。请看磁盘是不是满了。")
            raise StorageError(sentence, code="storage.settings") from error
        if getattr(self.current, name) != parsed:
            self.current = self._compose()
            self._tell(name)

    def fixed(self, name: str) -> bool:
        """Tell whether the environment holds this setting."""
        return f"DOORSTEP_{name.upper()}" in self._environ

    def on_change(self, told: Callable[[str], object]) -> Callable[[], None]:
        """Call with the setting's name after each change, until the returned function is called."""
        self._told.append(told)

        def stop() -> None:
            if told in self._told:
                self._told.remove(told)

        return stop

    def _tell(self, name: str) -> None:
        for told in list(self._told):
            told(name)

    def _compose(self) -> Settings:
        found: dict[str, Any] = {}
        for name in names():
            layers = [self._machine, self._people.get(self._person, {})] if self._person else [self._machine]
            for layer in layers:
                if name in layer:
                    found[name] = layer[name]
            given = self._environ.get(f"DOORSTEP_{name.upper()}")
            if given is not None:
                found[name] = parse(name, given)
        return Settings(**found)

    def _load(self) -> tuple[dict[str, Value], dict[str, dict[str, Value]]]:
        """Read the file; what is missing, damaged or out of range falls back to its default."""
        try:
            content = json.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return {}, {}
        except OSError:
            log.warning("settings.json cannot be read; using defaults")
            return {}, {}
        except ValueError:
            content = None
        if not isinstance(content, dict):
            log.warning("settings.json is damaged; using defaults")
            self._damaged = True
            return {}, {}
        people = content.get("people", {})
        own = {str(who): _valid(chosen) for who, chosen in people.items()} if isinstance(people, dict) else {}
        return _valid(content.get("machine", {})), own

    def put_damaged_aside(self) -> Path | None:
        """Keep a damaged file under another name; return where, or None if the file was not damaged.

        The next change of a setting would write over it.
        """
        if not self._damaged:
            return None
        aside = self._file.with_name(f"{self._file.stem}.damaged{self._file.suffix}")
        self._damaged = False
        with suppress(OSError):
            self._file.replace(aside)
        return aside

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self.put_damaged_aside()
        beside = self._file.with_suffix(".new")
        content = {"machine": self._machine, "people": self._people}
        with beside.open("w", encoding="utf-8") as file:
            file.write(json.dumps(content, ensure_ascii=False, indent=2))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._file)


def _valid(chosen: object) -> dict[str, Value]:
    """Keep the entries that are settings with valid values."""
    kept: dict[str, Value] = {}
    for name, value in chosen.items() if isinstance(chosen, dict) else ():
        try:
            kept[name] = parse(name, value)
        except (KeyError, InvalidInputError):
            log.warning("setting %s in settings.json is not valid; using its default", name)
    return kept
