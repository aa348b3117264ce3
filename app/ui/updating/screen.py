"""程序更新: the version in use, the new one and what it brings, and what may be decided about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app import __version__
from app.texts import _
from app.ui import theme
from app.ui.acting import show_keys
from app.ui.context import UiContext
from app.ui.dialogs import ask_irrevocably
from app.ui.keys import KeyHint
from app.ui.updating import state
from app.ui.widgets import Button, Card, IconLabel, ProgressBarThin, Scroller, Text

if TYPE_CHECKING:
    from app.sync.updating import UpdateView
    from app.ui.updating.background import BackgroundUpdates

WIDE = 880


class UpdatesScreen(QWidget):
    """One column: how it stands, what is under way, the new version, what else can be done."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._updates: BackgroundUpdates | None = getattr(context.door, "updates", None)
        self.page: state.Page | None = None
        self._build()
        self._connect()

    def _build(self) -> None:
        self.note = Text(_("现在用的是 {version}", version=__version__), "secondary", "text2")
        self.again = Button(_("问区里有没有新的"), "outline", "F5", "refresh-cw")
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[3])
        head.addWidget(Text(_("程序更新"), "title"), 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.note, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.again)
        self._scroller = Scroller(spacing=theme.SPACE[3])
        self._scroller.setMaximumWidth(theme.of(self).px(WIDE))
        for card in (self._make_standing(), self._make_doing(), self._make_offer(), self._make_other()):
            self._scroller.body.addWidget(card)
        self._scroller.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 0)
        column.setSpacing(theme.SPACE[3])
        column.addLayout(head)
        column.addWidget(self._scroller, 1)
        self.setFocusProxy(self.from_stick)

    def _make_standing(self) -> QWidget:
        self.standing = Card()
        return self.standing

    def _make_doing(self) -> QWidget:
        self.doing = Card()
        self.doing_words, self.amount = Text("", "strong", wrap=True), Text("", "secondary", "text2")
        self.bar = ProgressBarThin()
        self.stop, self.go_on = Button(_("停下"), "text", height=32), Button(_("接着取"), "text", height=32)
        row = QHBoxLayout()
        row.addWidget(self.doing_words, 1)
        for widget in (self.amount, self.stop, self.go_on):
            row.addWidget(widget)
        self.doing.body.addLayout(row)
        self.doing.body.addWidget(self.bar)
        return self.doing

    def _make_offer(self) -> QWidget:
        self.offer = Card()
        self.offer_name, self.weight = Text("", "section"), Text("", "secondary", "text2")
        self.notes = Text("", "body", wrap=True)
        self.main = Button(_("下次启动时安装"), "filled", "F9", height=theme.HEIGHT["main"])
        self.put_off = Button(_("先不装"), "outline")
        self.later, self.decline = Button(_("以后再说"), "text"), Button(_("这个版本不装"), "text")
        top = QHBoxLayout()
        top.addWidget(self.offer_name)
        top.addWidget(self.weight, 1, Qt.AlignmentFlag.AlignBottom)
        row = QHBoxLayout()
        for button in (self.main, self.put_off, self.later):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.decline)
        self.offer.body.addLayout(top)
        self.offer.body.addWidget(self.notes)
        self.offer.body.addSpacing(8)
        self.offer.body.addLayout(row)
        return self.offer

    def _make_other(self) -> QWidget:
        holder = QWidget()
        self.from_stick = Button(_("从 U 盘取…"), "outline", icon="usb")
        self.back = Button(_("退回上一版…"), "outline", icon="undo-2")
        row = QHBoxLayout()
        row.addWidget(self.from_stick)
        row.addWidget(self.back)
        row.addStretch(1)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        words = _("没有网络也能更新：从区里把更新包和它旁边的 .release 文件一起拷到 U 盘。装不装都能照常办事和同步。")
        column.addWidget(Text(words, "secondary", "text2", wrap=True))
        return holder

    def _connect(self) -> None:
        self.main.clicked.connect(self.main_action)
        self.again.clicked.connect(self.ask)
        self.from_stick.clicked.connect(self.choose_file)
        self.later.clicked.connect(self._on_later)
        self.put_off.clicked.connect(self._on_put_off)
        self.decline.clicked.connect(self._on_decline)
        self.back.clicked.connect(self._on_back)
        if self._updates is not None:
            self.stop.clicked.connect(self._updates.pause)
            self.go_on.clicked.connect(self._updates.ask_now)
            self._updates.changed.connect(self.show_view)

    # What the window asks

    def refresh(self) -> None:
        """Show how it stands now."""
        if self._updates is not None:
            self.show_view(self._updates.view())
        else:
            self._show_without()

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        hints = [KeyHint(("F5",), _("问区里"))]
        if self.page is not None and self.page.can_install:
            hints.insert(0, KeyHint(("F9",), _("下次启动时安装")))
        return hints

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen: F5."""
        return {"sync": self.ask}

    # Acts

    def main_action(self) -> None:
        """Install at the next start (F9)."""
        if self._updates is None or self.page is None or not self.page.can_install:
            return
        if (offer := self._updates.view().standing.offer) is not None:
            self._updates.want(offer.version)

    def ask(self) -> None:
        """Ask the district (F5)."""
        if self._updates is not None and self.again.isEnabled():
            self._updates.ask_now()

    def choose_file(self) -> None:
        """Choose a package on a stick."""
        kinds = _("更新包 (*.deb *.exe *.release)")
        chosen, _filter = QFileDialog.getOpenFileName(self, _("从 U 盘取更新包"), "", f"{kinds};;*")
        if chosen and self._updates is not None:
            self._updates.take(Path(chosen))

    def _on_later(self) -> None:
        self._context.messages.say(_("好，先不装。它就在这里，什么时候装都行。"))
        self._context.navigate("today")

    def _on_put_off(self) -> None:
        if self._updates is not None and (offer := self._updates.view().standing.offer) is not None:
            self._updates.later(offer.version)

    def _on_decline(self) -> None:
        if self._updates is not None and (offer := self._updates.view().standing.offer) is not None:
            self._updates.decline(offer.version)

    def _on_back(self) -> None:
        if self._updates is None or self.page is None or not self.page.back_to:
            return
        title = _("退回 {version}？", version=self.page.back_to)
        words = _("下次启动时用回它，数据一条不动。现在这个版本不会再自己装上。")
        if ask_irrevocably(self, title, words, (), verb=_("退回上一版")) is not None:
            self._updates.go_back()

    # What it shows

    def show_view(self, view: UpdateView) -> None:
        """Show a view."""
        page = state.page_of(view, joined=self._context.sync is not None)
        if page == self.page:
            return
        before, self.page = self.page, page
        self.note.setText(page.now)
        self.again.setEnabled(page.can_ask)
        if before is None or (before.lines, before.trouble) != (page.lines, page.trouble):
            self._show_lines(page)
        self.doing.setVisible(bool(page.doing))
        self.doing_words.setText(page.doing)
        self.amount.setText(page.amount)
        self.bar.setVisible(page.share is not None)
        self.bar.set_share(page.share or 0.0)
        self.stop.setVisible(page.can_stop)
        self.go_on.setVisible(page.can_go_on)
        self._show_offer(page)
        self.back.setVisible(bool(page.back_to))
        if before is None or before.can_install != page.can_install:
            show_keys(self)

    def _show_offer(self, page: state.Page) -> None:
        self.offer.setVisible(bool(page.offer))
        self.offer_name.setText(page.offer)
        self.weight.setText(page.size)
        self.notes.setText(page.notes)
        self.main.setVisible(page.can_install)
        self.later.setVisible(page.can_install)
        self.put_off.setVisible(page.can_put_off)
        self.decline.setVisible(page.can_decline)

    def _show_lines(self, page: state.Page) -> None:
        body = self.standing.body
        while (item := body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if page.trouble:
            body.addWidget(IconLabel("circle-alert", page.trouble, "red", role="body", wrap=True))
        for line in page.lines:
            body.addWidget(IconLabel("info", line, "text2", role="body", wrap=True))

    def _show_without(self) -> None:
        for widget in (self.doing, self.offer, self.back):
            widget.hide()
        self.again.setEnabled(False)
        self.from_stick.setEnabled(False)
        self._show_lines(state.Page("", (_("登录以后才能看有没有新版本。"),)))
