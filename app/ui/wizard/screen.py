"""The first-run wizard: found a station offline, or join a district with a one-time code."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app import texts
from app.errors import AppError, InvalidInputError
from app.texts import _
from app.ui import theme
from app.ui.announce import announce
from app.ui.door import Door, Founded
from app.ui.fields.choice import ChoiceField, ChoiceItem
from app.ui.fields.lines import TextField
from app.ui.forms import FormGrid
from app.ui.messages import Messages, as_trouble
from app.ui.secret_field import SecretField
from app.ui.widgets.blocks import Card
from app.ui.widgets.brand import Brand
from app.ui.widgets.button import Button
from app.ui.widgets.choices import Choice, Tabs
from app.ui.widgets.themed import Text, part
from app.ui.wizard import state
from app.ui.wizard.fetching import FirstFetch
from app.ui.wizard.recovery_page import RecoveryPage

WIDTH = 760


class CountyField(ChoiceField):
    """One of the country's counties, found while typing."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, find=_find_counties, **options)

    def set_value(self, value: Any) -> None:
        """Show the county of a code."""
        self.set_item(next(iter(_find_counties(str(value or ""))), None))


class WizardScreen(QWidget):
    """Emits ``finished`` with the entry and the PIN of who founded or joined."""

    finished = Signal(str, str)
    language_requested = Signal(str)

    def __init__(self, door: Door, messages: Messages, *, moved: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._door, self._messages = door, messages
        self._way, self._step = (state.MOVED if moved else state.FOUND), state.WAY
        self._values: dict[str, Any] = {}
        self._founded: Founded | None = None
        self._page: QWidget | None = None
        part(self, "bg")
        self._build()
        self._show_step(state.STEPS[self._way][0])

    @property
    def step(self) -> str:
        """Return the page in front."""
        return self._step

    @property
    def page(self) -> QWidget | None:
        """Return the page's widget."""
        return self._page

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 26, 48, 26)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(Brand(44))
        head.addWidget(Text(_("家门口"), "page"))
        head.addStretch(1)
        language = Tabs([Choice("zh_CN", "中文"), Choice("en", "English")], name=_("语言"))
        language.set_code(texts.language())
        language.chosen.connect(self.language_requested)
        head.addWidget(language)
        column.addLayout(head)
        column.addSpacing(theme.SPACE[3])
        self._card = Card(border="line", radius=18, padding=28)
        self._card.setMaximumWidth(theme.of(self).px(WIDTH))
        self._build_card()
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._card, 100)
        middle.addStretch(1)
        column.addLayout(middle, 1)

    def _build_card(self) -> None:
        self._title = Text("", "title")
        self._lead = Text("", "body", "text2", wrap=True)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._error = Text("", "body", "red", wrap=True)
        foot = QHBoxLayout()
        self.back = Button(_("上一步"), "text", "Alt ←")
        self.back.clicked.connect(self.go_back)
        self.forward = Button("", "filled", "F9", height=theme.HEIGHT["main"])
        self.forward.clicked.connect(self.go_on)
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.forward)
        for widget in (self._title, self._lead):
            self._card.body.addWidget(widget)
        self._card.body.addSpacing(theme.SPACE[2])
        self._card.body.addWidget(self._area, 1)
        self._card.body.addWidget(self._error)
        self.fetching = FirstFetch()
        self._card.body.addWidget(self.fetching)
        self._card.body.addLayout(foot)

    # Pages

    def _show_step(self, step: str) -> None:
        self._step = step
        title, lead, forward = self._words(step)
        self._title.setText(title)
        self._lead.setText(lead)
        self._lead.setVisible(bool(lead))
        self._say("")
        self.back.setVisible(step not in (state.WAY, state.RECOVER, state.KEY))
        self.forward.setVisible(step != state.WAY)
        self.forward.set_label(forward)
        self.forward.setEnabled(step != state.KEY)
        self._page = self._make_page(step)
        self._area.setWidget(part(self._page, "transparent"))
        if isinstance(self._page, FormGrid):
            self._page.set_main_button(self.forward)
            known = {field.name for field in self._page.fields()}
            self._page.set_values({name: value for name, value in self._values.items() if name in known})
            self._page.focus_first()
        else:
            self._page.setFocus()

    def _words(self, step: str) -> tuple[str, str, str]:
        if step == state.WAY:
            return _("第一次在这台电脑上用"), _("先选一种，几分钟就好。不用联网也能建站。"), ""
        if step == state.STATION:
            return _("站点"), _("站点编码以区里给的为准，没有就先用这个。"), _("下一步")
        if step == state.DISTRICT:
            return _("加入区里"), _("地址和加入码在区里发的入网通知上。加入码只能用一次。"), _("下一步")
        if step == state.RECOVER:
            lead = _("这份数据是从另一台电脑来的，PIN 在这里打不开。用打印的恢复密钥把它接到这台电脑。")
            return _("接到这台电脑"), lead, _("接上")
        if step == state.KEY:
            return _("收好恢复密钥"), "", _("开始用")
        if self._way == state.JOIN:
            return _("您是谁"), _("写区里登记的姓名；PIN 只存在这台电脑上。"), _("加入")
        return _("站长"), _("第一位能登录的人。其他人以后在设置里加。"), _("建站")

    def _make_page(self, step: str) -> QWidget:
        if step == state.WAY:
            return self._way_page()
        if step == state.STATION:
            return self._station_page()
        if step == state.DISTRICT:
            return self._district_page()
        if step == state.RECOVER:
            return self._recover_page()
        if step == state.KEY and self._founded is not None:
            page = RecoveryPage(self._founded, self._messages)
            page.kept_changed.connect(self.forward.setEnabled)
            return page
        return self._person_page()

    def _way_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        ways = (
            (state.FOUND, "store", _("新建一个站点"), "1", _("不用联网。以后可以加入区里，数据一起送上去。")),
            (
                state.JOIN,
                "network",
                _("加入区里"),
                "2",
                _("要联网，手边有区里发的地址和加入码。本站第二台电脑也选这个。"),
            ),
        )
        self._way_buttons: list[Button] = []
        for way, icon, words, key, why in ways:
            button = Button(words, "outline", key, icon, height=52)
            button.clicked.connect(partial(self.choose_way, way))
            button.setAccessibleDescription(why)
            self._way_buttons.append(button)
            column.addWidget(button)
            column.addWidget(Text(why, "secondary", "text2", wrap=True))
            column.addSpacing(theme.SPACE[1])
        column.addStretch(1)
        page.setFocusProxy(self._way_buttons[0])
        return page

    def _station_page(self) -> FormGrid:
        grid = FormGrid(2)
        grid.add(TextField(_("站点名称"), name="station_name", required=True, max_length=60), span=2)
        grid.add(CountyField(_("区县"), name="county_code", required=True, hint=_("键入名称、代码或拼音首字母")))
        grid.add(TextField(_("街道"), name="street_name", max_length=40))
        code = TextField(
            _("站点编码"),
            name="station_code",
            required=True,
            hint=_("12 位数字"),
            max_length=12,
            check=self._check_code,
        )
        grid.add(code)
        window = TextField(_("这台电脑叫什么"), name="window_name", placeholder=_("1 号窗口"), max_length=20)
        grid.add(window)
        grid.value_changed.connect(self._on_station_changed)
        return grid

    def _district_page(self) -> FormGrid:
        grid = FormGrid(1)
        grid.add(
            TextField(
                _("区里的地址"),
                name="url",
                required=True,
                placeholder="https://",
                hint=_("有二维码就在这里扫一下"),
                max_length=state.MAX_INVITATION,
                check=state.check_url,
            )
        )
        grid.add(TextField(_("加入码"), name="code", required=True, max_length=state.MAX_INVITATION))
        grid.add(TextField(_("这台电脑叫什么"), name="window_name", placeholder=_("2 号窗口"), max_length=20))
        return grid

    def _recover_page(self) -> FormGrid:
        grid = FormGrid(2)
        grid.add(TextField(_("恢复密钥"), name="recovery_key", required=True, hint=_("八组，照纸上抄")), span=2)
        grid.add(TextField(_("姓名"), name="name", required=True, hint=_("本站的站长"), max_length=50), span=2)
        grid.add(SecretField(_("新 PIN"), name="pin", required=True, hint=_("6 位数字")))
        grid.add(SecretField(_("再输一遍"), name="again", required=True))
        return grid

    def _person_page(self) -> FormGrid:
        grid = FormGrid(2)
        grid.add(TextField(_("姓名"), name="name", required=True, max_length=50), span=2)
        grid.add(SecretField(_("PIN"), name="pin", required=True, hint=_("6 位数字")))
        grid.add(SecretField(_("再输一遍"), name="again", required=True))
        return grid

    def _check_code(self, code: Any) -> str | None:
        return state.check_station_code(code, self._form().field("county_code").value())

    def _on_station_changed(self, name: str) -> None:
        """Begin the code with the county, as long as nobody typed another."""
        if name != "county_code":
            return
        form = self._form()
        code, county = form.field("station_code"), form.field("county_code").value()
        if county and (code.is_empty() or code.value() == state.suggested_code(self._values.get("county_code") or "")):
            code.set_value(state.suggested_code(county))
            self._values["county_code"] = county

    def _form(self) -> FormGrid:
        assert isinstance(self._page, FormGrid)
        return self._page

    # Going on

    def choose_way(self, way: str) -> None:
        """Found or join."""
        self._way = way
        self._show_step(state.next_step(way, state.WAY))

    def go_back(self) -> None:
        """Go to the page before; what was typed stays."""
        if self.back.isVisible() and self.back.isEnabled():
            self._keep()
            self._show_step(state.step_before(self._way, self._step))

    def go_on(self) -> None:
        """Check the page and go on; the last one founds or joins."""
        if not self.forward.isEnabled() or self._step == state.WAY:
            return
        if self._step == state.KEY and self._founded is not None:
            self.finished.emit(self._founded.entry_id, str(self._values["pin"]))
            return
        form = self._form()
        if self._step == state.DISTRICT:
            for name, value in state.spread(form.values()).items():
                form.field(name).set_value(value)
        missing = form.missing()
        if missing:
            form.set_errors({field.name: _("要填") for field in missing})
            form.focus_field(missing[0].name)
            return
        if not form.validate():
            return
        self._keep()
        if self._step not in (state.PERSON, state.RECOVER):
            self._show_step(state.next_step(self._way, self._step))
        elif self._values["pin"] != self._values["again"]:
            form.set_errors({"again": _("两遍 PIN 不一样，再输一次")})
            form.focus_field("again")
        else:
            self._begin()

    def _keep(self) -> None:
        self._values.update(self._form().values())

    def _begin(self) -> None:
        self.back.setEnabled(False)
        self._say("")
        if self._way == state.FOUND:
            self.forward.set_busy(_("正在建站…"))
            work = partial(self._door.found, state.founding_of(self._values))
        elif self._way == state.MOVED:
            self.forward.set_busy(_("正在接…"))
            key, name, pin = (str(self._values[each]) for each in ("recovery_key", "name", "pin"))
            self._door.runner.db(partial(self._door.rebind, key, name, pin), self._on_rebound, self._on_failed)
            return
        else:
            self.forward.set_busy(_("正在加入…"))
            self.fetching.start()
            joining, told = state.joining_of(self._values), self.fetching
            work = partial(self._door.join, joining, progress=told.tell, stopping=told.stopping)
        self._door.runner.db(work, self._on_made, self._on_failed)

    def _on_made(self, founded: Founded) -> None:
        self._founded = founded
        self.fetching.hide()
        self.forward.set_busy(None)
        self._show_step(state.KEY)

    def _on_rebound(self, entry_id: str) -> None:
        self.finished.emit(entry_id, str(self._values["pin"]))

    def _on_failed(self, error: AppError) -> None:
        self.back.setEnabled(True)
        self.fetching.hide()
        self.forward.set_busy(None)
        fields = dict(error.fields) if isinstance(error, InvalidInputError) else {}
        if fields and set(fields) <= {field.name for field in self._form().fields()}:
            self._form().set_errors(fields)
            self._form().focus_field(next(iter(fields)))
        else:
            self._say(error.text or as_trouble(error).text)

    def _say(self, sentence: str) -> None:
        self._error.setText(sentence)
        self._error.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F9 goes on, Alt+← back; 1 and 2 pick the way."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_F9:
            self.go_on()
        elif alt and event.key() == Qt.Key.Key_Left:
            self.go_back()
        elif control and isinstance(self._page, RecoveryPage) and event.key() == Qt.Key.Key_P:
            self._page.print_paper()
        elif control and isinstance(self._page, RecoveryPage) and event.key() == Qt.Key.Key_S:
            self._page.choose_file()
        elif self._step == state.WAY and event.text() in ("1", "2"):
            self.choose_way(state.FOUND if event.text() == "1" else state.JOIN)
        else:
            super().keyPressEvent(event)


def _find_counties(typed: str) -> list[ChoiceItem]:
    return [ChoiceItem(code, label) for code, label in state.county_choices(typed)]
