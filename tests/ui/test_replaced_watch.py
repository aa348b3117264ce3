"""An upgrade under the open window is said once, and again to whoever signs in."""

import pytest
from PySide6.QtCore import QObject

from app.ui import replaced_watch
from app.ui.messages import Messages


def test_it_is_said_once_and_again_at_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [""]
    monkeypatch.setattr(replaced_watch, "replaced_by", lambda: there[0])
    over, said = QObject(), []
    messages = Messages(over)
    messages.said.connect(said.append)
    watch = replaced_watch.ReplacedWatch(messages, over)
    watch.look()
    assert said == []

    there[0] = "0.2.0"
    watch.look()
    watch.look()
    assert len(said) == 1
    watch.remind()

    assert len(said) == 2
    assert "0.2.0" in said[0].text
