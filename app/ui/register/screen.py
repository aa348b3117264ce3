"""求职登记 (F2): somebody new, or a new registration and changes of somebody on file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.access_log import RESIDENT_LOOK
from app.services import residents, traces
from app.services.drafts import KeptDraft
from app.texts import _
from app.ui.context import UiContext
from app.ui.dialogs import ask_reveal
from app.ui.keys import KeyHint
from app.ui.register import state
from app.ui.register.drafting import DraftKeeper, Market, TwinWatch
from app.ui.register.fields import mask_phones
from app.ui.register.head import DraftOffer, Header, sheet_hints
from app.ui.register.mending import ERROR_PLACES, Mend
from app.ui.register.saving import Keeping, Saved, Saving, make_job
from app.ui.register.sheet import Sheet
from app.ui.register.side import Gap, RegisterPanel, gaps_of
from app.ui.register.state import STEPS
from app.ui.widgets import part

if TYPE_CHECKING:
    from app.ui.forms import IdField


class RegisterScreen(QWidget):
    """The sheet with its header and panel, its drafts, its look-out for duplicates, and F9."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._known: residents.KnownFacts | None = None
        self._resident_id = ""
        self._resuming: KeptDraft | None = None
        self._mend = Mend()
        self._market = Market(context, self)
        self._build()
        self.drafts = DraftKeeper(context, self.sheet.values, self)
        self._twins = TwinWatch(context, self.sheet.values, self)
        self._connect()
        self._start_blank()

    def _build(self) -> None:
        self.header, self.offer = Header([_(step) for step in STEPS]), DraftOffer()
        self.sheet = Sheet(state.region_of(self._context.station.code), self._market.count)
        self.sheet.set_main_button(self.header.save)
        holder = part(QWidget(), "transparent")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(24, 16, 24, 24)
        inner.addWidget(self.sheet)
        inner.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.offer)
        column.addWidget(self.area, 1)
        self.panel = RegisterPanel()
        self.setFocusProxy(self._number().editor)

    def _connect(self) -> None:
        self.sheet.value_changed.connect(self._on_value_changed)
        self.sheet.field_left.connect(self._on_field_left)
        self.sheet.step_entered.connect(self._on_step_entered)
        self.header.save.clicked.connect(self.main_action)
        self.header.aside.clicked.connect(self.put_aside)
        self.header.steps.step_requested.connect(self.go_to_step)
        self.offer.wanted.connect(self.resume_draft)
        self.offer.refused.connect(self._on_draft_refused)
        self.panel.field_requested.connect(self.sheet.focus_field)
        self.panel.card.same_requested.connect(self._on_same_person)
        self.panel.card.other_requested.connect(self._twins.dismiss)
        self.panel.card.merge_requested.connect(self._on_two_files)
        self.drafts.kept.connect(self.header.show_kept)
        self.drafts.listed.connect(self._on_drafts_listed)
        self.drafts.found.connect(self._on_draft_found)
        self._twins.found.connect(self._on_twin_found)
        self._market.changed.connect(self._show_all_pay)
        self._number().check = self._number_problem
        self._number().reveal_requested.connect(self._on_reveal_requested)

    def _number(self) -> IdField:
        return self.sheet.field("id_no")  # type: ignore[return-value]

    # What the window asks

    def open(self, **arguments: object) -> None:
        """Take ``id`` (on file; ``field``, ``why``: to be mended), ``draft`` (its key), or nothing: somebody new."""
        resident_id, draft = self._mend.take(arguments)
        if (self.drafts.is_dirty or self.header.is_kept) and not draft and resident_id == self._resident_id:
            if self._mend.wanted:
                self._go_on()
            return
        self.drafts.keep()
        self._start_blank()
        if resident_id:
            self._load(resident_id)
        elif draft:
            self.drafts.find(draft)
        else:
            self.drafts.list_mine()

    def refresh(self) -> None:
        """Read anew how many vacancies each trade has."""
        self._market.refresh()

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        return sheet_hints()

    def may_leave(self) -> bool:
        """Keep the draft and let her go."""
        self.drafts.keep()
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the draft when the sheet is covered: another screen, or the lock; and hide the number."""
        super().hideEvent(event)
        self.drafts.keep()
        self._number().hide_middle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Esc, Ctrl+PgUp and Ctrl+PgDn."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        by = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}.get(Qt.Key(event.key()), 0)
        if event.key() == Qt.Key.Key_Escape:
            self.put_aside()
        elif control and by:
            self.go_to_step(self._here + by)
        else:
            super().keyPressEvent(event)

    # Beginning

    def _start_blank(self, subject: str = "", resident_id: str = "") -> None:
        self._known, self._resident_id, self._resuming = None, resident_id, None
        self._here, self._type_chosen = 1, False
        self.drafts.begin(subject, resident_id)
        self._twins.begin(resident_id or None)
        self.sheet.clear()
        self.sheet.set_wishes_required(not resident_id)
        self.sheet.field("consent_way").set_required(True)
        self.offer.hide()
        self.header.show_subject("")
        self.header.show_kept(None)
        self.area.verticalScrollBar().setValue(0)
        self._retell()

    def _load(
        self, resident_id: str, *, typed: Mapping[str, Any] | None = None, resuming: KeptDraft | None = None
    ) -> None:
        self._start_blank(resident_id, resident_id)
        self._resuming = resuming
        question = partial(residents.load_facts, resident_id=resident_id)
        self._context.runner.read(question, partial(self._on_loaded, resident_id, typed))

    def _on_loaded(self, resident_id: str, typed: Mapping[str, Any] | None, known: residents.KnownFacts) -> None:
        if self._resident_id != resident_id:
            return
        self._known = known
        self._context.looked(RESIDENT_LOOK, "resident", resident_id)
        entered = state.entered_on_file(known)
        self.sheet.show_entered(state.merge_into(entered, typed) if typed else entered)
        mask_phones(self.sheet, known.resident)
        self.sheet.field("consent_way").set_required(not known.consents.get("1"))
        self._fit_wishes()
        self._show_all_pay()
        self.header.show_subject(str(known.resident.get("name") or ""), known.registration_no or "")
        if typed:
            self.drafts.touch()
        if self._resuming is not None:
            self.resume_draft(self._resuming)
        elif not typed:
            self.drafts.find()
        self._retell()
        self._go_on()

    def _go_on(self) -> None:
        """Put the keyboard where the next thing is to be typed."""
        gaps = self.gaps()
        self.sheet.focus_field(self._mend.show(self.sheet) or (gaps[0].name if gaps else "name"))

    # Drafts

    def _on_drafts_listed(self, kept: Sequence[KeptDraft]) -> None:
        if kept and not self.drafts.is_dirty and not self._resident_id:
            self.offer.show_draft(kept[0], len(kept))

    def _on_draft_found(self, kept: KeptDraft | None) -> None:
        if self._resident_id and kept is not None and not self.drafts.is_dirty:
            self.offer.show_draft(kept, 1)
        elif not self._resident_id and kept is not None:
            self.resume_draft(kept)
        elif not self._resident_id:
            self._context.messages.remark(_("这份草稿已经不在了，可能已经保存成登记。"))

    def resume_draft(self, kept: KeptDraft) -> None:
        """Go on with a draft."""
        resident_id = str(kept.entered.get("resident_id") or "")
        if resident_id and (self._known is None or resident_id != self._resident_id):
            self._load(resident_id, resuming=kept)
            return
        if not resident_id:
            self._start_blank(kept.subject)
        self._resuming = None
        self.sheet.show_entered(state.from_draft(kept.entered.get("values") or {}))
        self.offer.hide()
        self.header.show_kept(kept.saved_at)
        self._show_all_pay()
        self._twins.ask()
        self._retell()
        self._go_on()

    def _on_draft_refused(self, kept: KeptDraft) -> None:
        keeping = Keeping(kept.subject, kept.entered)
        self._context.runner.write(keeping.forget)
        self.offer.hide()
        self._context.messages.say(_("草稿不要了"), undo=partial(self._context.runner.write, keeping.run))
        self._number().editor.setFocus()

    def put_aside(self) -> None:
        """Leave the sheet: what was typed stays among the drafts (Esc)."""
        name = self.sheet.field("name").value() or _("没写名字的")
        kept, resident_id = self.drafts.is_dirty or self.header.is_kept, self._resident_id
        self.drafts.keep()
        self._start_blank()
        if resident_id:
            self._context.navigate("resident_file", id=resident_id)
        else:
            self._context.navigate("today")
        if kept:
            self._context.messages.say(_("{name}的登记先放一放，在“今日”右边接着填", name=name))

    # While typing

    def _on_value_changed(self, name: str) -> None:
        self.drafts.touch()
        if name == "id_no":
            self._guess_type()
        elif name == "id_type":
            self._type_chosen = True
            self._number().validate()
        if name in ("id_no", "id_type", "sex", "birth_date"):
            self.sheet.fit_identity()
        if name in ("id_no", "name", "mobile", "birth_date"):
            self._twins.touch()
        if name in (*state.SENSITIVE_FIELDS, "priority_groups", "constraints"):
            self.sheet.fit_consent()
        if name.startswith("intent"):
            self._show_all_pay()
            self._fit_wishes()
        self._retell()

    def _on_field_left(self, name: str) -> None:
        self.drafts.keep()
        self._retell()

    def _on_step_entered(self, step: int) -> None:
        self._here = step
        self._retell()

    def _guess_type(self) -> None:
        if (number := self._number().value()) and not self._type_chosen:
            self.sheet.field("id_type").set_value(state.guess_id_type(number))

    def _number_problem(self, number: Any) -> str | None:
        return state.derive(self.sheet.field("id_type").value(), number).problem or None

    def _fit_wishes(self) -> None:
        """Let a file be edited without a registration until a trade is named."""
        has_one = self._known is not None and self._known.registration_id is not None
        self.sheet.set_wishes_required(not self._resident_id or has_one or not self.sheet.field("intent1").is_empty())

    def _show_all_pay(self) -> None:
        self._market.show_pay(self.sheet)

    def _retell(self) -> None:
        """Tell anew what is missing and how the steps stand."""
        gaps = self.gaps()
        self.panel.show_gaps(gaps, len(self.sheet.required()))
        touched = [any(field.is_required and not field.is_empty() for field in fields) for fields in self.sheet.steps()]
        self.header.steps.show_states(state.step_states(self._here, touched, [(g.step, g.is_wrong) for g in gaps]))

    def gaps(self) -> list[Gap]:
        """Return what is missing or wrong, in the order of the sheet."""
        return gaps_of(self.sheet)

    def go_to_step(self, number: int) -> None:
        """Go to the first gap of a step, else to its first field."""
        if not 1 <= number <= len(STEPS):
            return
        gap = next((gap.name for gap in self.gaps() if gap.step == number), "")
        first = next(field.name for field in self.sheet.steps()[number - 1] if not field.isHidden())
        self.area.verticalScrollBar().setValue(self.sheet.top_of(number))
        self.sheet.focus_field(gap or first)

    def _on_twin_found(self, twin: residents.Duplicate | None) -> None:
        self.panel.card.show_twin(twin, on_file=bool(self._resident_id))
        self._retell()

    def _on_same_person(self, resident_id: str) -> None:
        """Go on with her file; what was typed fills its gaps."""
        typed = self.sheet.values()
        if not self._resident_id:
            self.drafts.forget()
        self._load(resident_id, typed=typed)

    def _on_two_files(self, other_id: str) -> None:
        self._context.navigate("merging", keep=self._resident_id, drop=other_id)

    # Numbers that are masked

    def _on_reveal_requested(self) -> None:
        kept = self._known.resident.get("id_no") if self._known else None
        if kept is None or kept != self._number().value():
            self._number().reveal()  # typed here just now: nothing that was on file is shown
            return
        why = ask_reveal(self)
        if why is not None:
            look = partial(traces.reveal, resident_id=self._resident_id, field=traces.ID_NUMBER, why=why)
            self._context.runner.write(look, self._on_revealed)

    def _on_revealed(self, _number: str) -> None:
        self._number().reveal()

    # Saving

    def main_action(self) -> None:
        """Save (F9): the first gap gets the keyboard, or all of it is saved in one act."""
        if self.header.save.is_busy:
            return
        if not self.sheet.validate():
            for field in self.sheet.missing():
                field.set_error(_("这一栏要填"))
            self._retell()
            gaps = self.gaps()
            self.sheet.focus_field(gaps[0].name)
            self._context.messages.remark(_("还差 {n} 项，先到第一项", n=len(gaps)))
            return
        job = self._job()
        self.drafts.rest()
        self.header.save.set_busy(_("正在保存…"))
        self._context.runner.write(job.run, self._on_saved, self._on_refused)

    def _job(self) -> Saving:
        return make_job(
            self.sheet.values(),
            self._known,
            resident_id=self._resident_id,
            subject=self.drafts.subject,
            draft=self.drafts.content(),
            wanted=self.sheet.field("intent1").is_required,
        )

    def _on_saved(self, saved: Saved) -> None:
        self.header.save.set_busy(None)
        self._start_blank()
        self._context.navigate("resident_file", id=saved.resident_id)
        words = _("已登记 {name}", name=saved.name) if saved.is_new else _("已改 {name} 的登记", name=saved.name)
        self._context.messages.say(words, undo=partial(self._undo, saved))

    def _undo(self, saved: Saved) -> None:
        self._context.runner.write(saved.take_back, partial(self._on_taken_back, saved))

    def _on_taken_back(self, saved: Saved, _nothing: object) -> None:
        self._context.navigate("register", draft=saved.job.subject)
        self._context.messages.remark(_("已撤销，填的都还在，可以接着改"))

    def _on_refused(self, error: AppError) -> None:
        self.header.save.set_busy(None)
        self.drafts.touch()
        self.drafts.keep()
        if not isinstance(error, InvalidInputError):
            self._context.messages.show_error(error)
            self._twins.ask()
            return
        known = {ERROR_PLACES.get(name, name): text for name, text in error.fields.items()}
        names = known.keys() & {field.name for field in self.sheet.fields()}
        for name in names:
            self.sheet.field(name).show()
        self.sheet.set_errors(known)
        if not names:
            self._context.messages.show_error(error)
        self._retell()
