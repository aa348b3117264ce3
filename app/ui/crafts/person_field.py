"""A field that finds a resident while one types, off the GUI thread; before that it offers who is likely."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from app.ui.context import Found, UiContext
from app.ui.fields.choice import ChoiceField, ChoiceItem
from app.ui.tasks import Task

if TYPE_CHECKING:
    from app.db.database import Transaction

REST_MS, MOST = 150, 8
Answer = tuple[str, Sequence[Found]]


class PersonField(ChoiceField):
    """Type a name, its initials, or the tail of a number; the value is the resident's id."""

    def __init__(self, label: str, context: UiContext, **options: Any) -> None:
        self._context = context
        self._answer: Answer = ("", ())
        self._likely: tuple[ChoiceItem, ...] = ()
        self._asked: Task[Answer] | None = None
        super().__init__(label, show_code=False, find=self._known, **options)
        self._wait = QTimer(self, singleShot=True, interval=REST_MS)
        self._wait.timeout.connect(self._ask)

    def offer_likely(self, people: Sequence[tuple[str, str, str]]) -> None:
        """Offer these (id, name, why) before anything is typed."""
        self._likely = tuple(ChoiceItem(*each) for each in people)

    def _known(self, typed: str) -> list[ChoiceItem]:
        wanted = typed.strip()
        if not wanted:
            return list(self._likely)
        words, found = self._answer
        return [ChoiceItem(each.id, each.name, each.note) for each in found] if words == wanted else []

    def _on_text_edited(self, text: str) -> None:
        super()._on_text_edited(text)
        if text.strip():
            self._wait.start()

    def _ask(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
        search = partial(_search, self._context.search, self.line.text().strip())
        self._asked = self._context.runner.read(search, self._on_answer)

    def _on_answer(self, answer: Answer) -> None:
        if answer[0] == self.line.text().strip() and self._chosen is None:
            self._answer = answer
            self._offer(self._known(answer[0]))


def _search(find: Any, words: str, tx: Transaction) -> Answer:
    return words, find(tx, words, limit=MOST)
