"""A form field for a PIN: dots instead of digits, no input method."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.ui.fields.lines import TextField


class SecretField(TextField):
    """What is typed is never shown."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, max_length=40, **options)
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
