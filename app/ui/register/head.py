"""The head of the sheet: title, draft mark, the two buttons, the steps; and the offer of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.services.drafts import KeptDraft
from app.texts import _
from app.ui import theme
from app.ui.keys import KeyHint
from app.ui.register.steps import StepBar
from app.ui.widgets import BannerLine, Button, Chip, Hairline, Text


class Header(QWidget):
    """Title, whose sheet it is, when the draft was kept, 先放一放 and 保存, the steps."""

    def __init__(self, steps: Sequence[str]) -> None:
        super().__init__()
        self.is_kept = False
        self._title = Text(_("求职登记"), "title")
        self._who = Text("", "body", "text2")
        self._kept = Chip("", "good", "check")
        self.aside = Button(_("先放一放"), key="Esc")
        self.save = Button(_("保存"), "filled", "F9", "check")
        self.steps = StepBar(steps)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        row.addWidget(self._title)
        row.addWidget(self._who, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self._kept)
        row.addStretch(1)
        row.addWidget(self.aside)
        row.addWidget(self.save)
        inner = QVBoxLayout()
        inner.setContentsMargins(24, 16, 24, 8)
        inner.setSpacing(6)
        inner.addLayout(row)
        inner.addWidget(self.steps)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inner)
        column.addWidget(Hairline())

    def show_subject(self, name: str, number: str = "") -> None:
        """Say whose file is being edited; nothing for somebody new."""
        self._who.setVisible(bool(name))
        self._who.setText(_("改 {name} 的登记", name=name) + (f"  {number}" if number else "") if name else "")

    def show_kept(self, moment: datetime | None) -> None:
        """Say when the draft was kept."""
        self.is_kept = moment is not None
        self._kept.setVisible(self.is_kept)
        if moment is not None:
            words = _("草稿已存 {time}", time=f"{clock.to_local(moment):%H:%M}")
            self._kept.set_state(words, "good", "check")


class DraftOffer(QWidget):
    """A line over the sheet: a draft of mine is there, go on with it or not."""

    wanted = Signal(object)
    refused = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._draft: KeptDraft | None = None
        self._line = BannerLine("file-pen-line", "", "", tone="blue")
        self.go_on, self.drop = Button(_("接着填"), "soft"), Button(_("不要了"), "text")
        self._line.add(self.go_on)
        self._line.add(self.drop)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 10, 24, 0)
        column.addWidget(self._line)
        self.go_on.clicked.connect(self._on_go_on)
        self.drop.clicked.connect(self._on_drop)
        self.hide()

    def show_draft(self, kept: KeptDraft, count: int) -> None:
        """Offer a draft; ``count`` of mine there are."""
        self._draft = kept
        name = kept.entered.get("name") or _("没写名字的")
        local = clock.to_local(kept.saved_at)
        when = f"{local:%H:%M}" if local.date() == clock.today() else f"{local:%m-%d %H:%M}"
        title = _("{name}的登记没填完", name=name)
        text = _("{when} 存的草稿。", when=when)
        if count > 1:
            text += _("还有 {n} 份，在“今日”右边。", n=count - 1)
        self._line.set_text(title, text)
        self.show()

    def _on_go_on(self) -> None:
        self.wanted.emit(self._draft)

    def _on_drop(self) -> None:
        self.refused.emit(self._draft)


def sheet_hints() -> list[KeyHint]:
    """Return what the keys do in the sheet."""
    return [
        KeyHint(("Enter",), _("下一栏")),
        KeyHint(("Shift Enter",), _("上一栏")),
        KeyHint(("0", "–", "9"), _("选项按代码")),
        KeyHint(("Ctrl PgDn",), _("下一步")),
        KeyHint(("F9",), _("保存")),
        KeyHint(("Esc",), _("先放一放")),
    ]
