"""What the keys do on each page of a class's file."""

from __future__ import annotations

from app.texts import _
from app.ui.class_file.state import LESSONS, TELLING
from app.ui.keys import KeyHint
from app.ui.rights import Rights


def hints_of(tab: str, rights: Rights) -> list[KeyHint]:
    """Return the key bar of one page."""
    hints = [KeyHint(("Ctrl", "1–3" if rights.may("enrolment.tell") else "1–2"), _("换一页"))]
    if tab == LESSONS:
        hints.append(KeyHint(("Enter",), _("点名")))
        if rights.may("class.lessons"):
            hints += [KeyHint(("Ctrl N",), _("加课")), KeyHint(("Ctrl M",), _("调课")), KeyHint(("Del",), _("取消课"))]
    elif tab == TELLING:
        hints += [KeyHint((_("空格"),), _("勾上")), KeyHint(("Enter",), _("通知到了"))]
    if rights.may("enrolment.add"):
        hints.append(KeyHint(("Ctrl T",), _("给人报名")))
    return [*hints, KeyHint(("Ctrl S",), _("导出"))]


def form_hints() -> list[KeyHint]:
    """Return the key bar of the forms."""
    return [KeyHint(("Enter",), _("下一栏")), KeyHint(("F9",), _("保存")), KeyHint(("Esc",), _("先放一放"))]
