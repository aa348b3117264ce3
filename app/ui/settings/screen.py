"""Settings: one row for each field of ``config.Settings``, the PC's people and PINs; each change counts at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app import config
from app.errors import AppError, InvalidInputError
from app.texts import _
from app.ui import theme
from app.ui.card_paper import CardPaper
from app.ui.context import UiContext
from app.ui.fields.choice import ChoiceField
from app.ui.keys import KeyHint
from app.ui.settings.people import MyPin, PeopleCard
from app.ui.widgets.button import Button
from app.ui.widgets.choices import RadioChips
from app.ui.widgets.small import Hairline
from app.ui.widgets.themed import Text, part

CONTROL_WIDTH = 340
MANY = 6


class SettingRow(QWidget):
    """Words at the left, the control at the right, a sentence under both when a value is refused."""

    def __init__(self, context: UiContext, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self._context = context
        self._facts = config.facts_of(name)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[5])
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(_(self._facts.label), "strong"))
        words.addWidget(Text(_(self._facts.help), "secondary", "text2", wrap=True))
        row.addLayout(words, 1)
        self.control = self._make_control()
        self.control.setAccessibleName(_(self._facts.label))
        self.control.setEnabled(not context.store.fixed(name))
        row.addWidget(self.control, 0, Qt.AlignmentFlag.AlignTop)
        if self._facts.unit:
            row.addWidget(Text(_(self._facts.unit), "body", "text2"))
        self.error = Text("", "secondary", "red", wrap=True)
        self.error.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.addLayout(row)
        column.addWidget(self.error)
        self.show_value()

    def _make_control(self) -> QWidget:
        choices = self._choices()
        if choices and len(choices) <= MANY:
            chips = RadioChips(choices, name=_(self._facts.label))
            chips.chosen.connect(self._on_chosen)
            return chips
        if choices:
            box = ChoiceField("", choices, show_code=False)
            box.setFixedWidth(theme.of(self).px(CONTROL_WIDTH))
            box.left.connect(partial(self._on_box_left, box))
            return box
        line = QLineEdit()
        line.setMaxLength(260)
        line.setFixedWidth(theme.of(self).px(120 if self._facts.high else CONTROL_WIDTH))
        line.editingFinished.connect(self._on_line_left)
        return line

    def _choices(self) -> list[tuple[str, str]]:
        if self.name == "printer":
            named = [(each, each) for each in QPrinterInfo.availablePrinterNames()]
            return [("", _("系统默认")), *named]
        return [(str(value), _(words)) for value, words in self._facts.choices]

    def show_value(self) -> None:
        """Show the value in force."""
        value = str(getattr(self._context.settings, self.name))
        if isinstance(self.control, RadioChips):
            self.control.set_code(value)
        elif isinstance(self.control, ChoiceField):
            self.control.set_value(value)
        elif isinstance(self.control, QLineEdit) and not self.control.hasFocus():
            self.control.setText(value)

    def change(self, value: str) -> None:
        """Set it for good, or say why not; the old value stands then."""
        if value == str(getattr(self._context.settings, self.name)):
            self._say("")
            return
        try:
            self._context.store.change(self.name, value)
        except InvalidInputError as error:
            self._say(error.text)
        except AppError as error:
            self._context.messages.show_error(error)
        else:
            self._say("")
            self._context.messages.say(_("已改：{what}", what=_(self._facts.label)))

    def _say(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    def _on_chosen(self, code: str) -> None:
        self.change(code)

    def _on_box_left(self, box: ChoiceField) -> None:
        self.change(str(box.value() or ""))

    def _on_line_left(self) -> None:
        if isinstance(self.control, QLineEdit):
            self.change(self.control.text())


class CardLine(QWidget):
    """The counter's card: printed, or saved as a PDF."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paper = CardPaper(context, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(_("窗口一页卡"), "strong"))
        told = _("按键，断网、卡纸、锁屏怎么办，打给谁。打一张放在屏幕旁边。")
        words.addWidget(Text(told, "secondary", "text2", wrap=True))
        row.addLayout(words, 1)
        self.print, self.save = Button(_("打印一页卡"), "outline", height=32), Button(_("存 PDF"), "text", height=32)
        self.print.clicked.connect(self.paper.print)
        self.save.clicked.connect(self.paper.save)
        row.addWidget(self.print, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.save, 0, Qt.AlignmentFlag.AlignTop)


class SettingsScreen(QWidget):
    """All settings in one column, by group."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.rows: dict[str, SettingRow] = {}
        self._build()
        stop = context.store.on_change(self._on_setting)
        self.destroyed.connect(lambda _gone: stop())

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 0, 0)
        column.setSpacing(theme.SPACE[2])
        self.updates = Button(_("程序更新"), "outline", icon="download")
        self.updates.clicked.connect(self._on_updates)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 24, 0)
        head.addWidget(Text(_("设置"), "title"), 1)
        head.addWidget(self.updates)
        column.addLayout(head)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what lies in it has the keyboard
        area.setWidgetResizable(True)
        body = part(QWidget(), "transparent")
        body.setMaximumWidth(theme.of(self).px(980))
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 24, 24)
        self._column.setSpacing(0)
        for group in config.GROUPS:
            self._add_group(group)
        if self._context.door is not None:
            self._add_people()
        self._add_about()
        self._column.addStretch(1)
        area.setWidget(body)
        column.addWidget(area, 1)
        self.setFocusProxy(next(iter(self.rows.values())).control)

    def _add_group(self, group: str) -> None:
        self._column.addSpacing(12)
        self._column.addWidget(Text(_(group), "section"))
        self._column.addSpacing(4)
        for name in config.names():
            if config.facts_of(name).group == group:
                row = SettingRow(self._context, name)
                self.rows[name] = row
                self._column.addWidget(row)
                self._column.addWidget(Hairline())
        if group == config.PRINTING:
            self.card = CardLine(self._context)
            self._column.addWidget(self.card)
            self._column.addWidget(Hairline())

    def _add_people(self) -> None:
        self._column.addSpacing(16)
        self._column.addWidget(Text(_("登录"), "section"))
        self._column.addSpacing(8)
        self.my_pin = MyPin(self._context)
        self._column.addWidget(self.my_pin)
        if "supervisor" in self._context.actor.roles:
            self._column.addSpacing(12)
            self.people = PeopleCard(self._context)
            self._column.addWidget(self.people)

    def _add_about(self) -> None:
        self._column.addSpacing(16)
        self.about = Button(_("关于家门口：版本、数据文件夹、许可"), "outline", icon="info")
        self.about.clicked.connect(self._on_about)
        self._column.addWidget(self.about, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_about(self) -> None:
        self._context.navigate("about")

    def _on_updates(self) -> None:
        self._context.navigate("updates")

    def refresh(self) -> None:
        """Show the values in force."""
        for row in self.rows.values():
            row.show_value()

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        return [KeyHint(("Tab",), _("下一项")), KeyHint(("←", "→"), _("选哪个"))]

    def _on_setting(self, name: str) -> None:
        if name in self.rows:
            self.rows[name].show_value()
