"""What the keys do on each page of the screen."""

from __future__ import annotations

from app.texts import _
from app.ui.graduation.pages import AFTER, CERTS
from app.ui.keys import KeyHint

PAPER, FORM = "paper", "form"


def of_page(where: str, main: str, *, turns: bool) -> list[KeyHint]:
    """Return the entries of the key bar; ``main``: the words of the class's act; ``turns``: there are other pages."""
    if where == FORM:
        return [KeyHint(("Enter",), _("下一栏")), KeyHint(("F9",), _("登记证书")), KeyHint(("Esc",), _("先放一放"))]
    rows, back = KeyHint(("↑", "↓"), _("选一行")), KeyHint(("Esc",), _("回去"))
    turn = [KeyHint(("Ctrl 1", "Ctrl 3"), _("换一页"))] if turns else []
    if where == CERTS:
        acts = [KeyHint(("/",), _("找、扫码")), KeyHint(("Ctrl P",), _("打印")), KeyHint(("Del",), _("作废"))]
    elif where == AFTER:
        acts = [KeyHint(("Enter",), _("打开档案"))]
    else:
        acts = [
            KeyHint(("0", "9"), _("登成绩")),
            KeyHint(("F9",), main),
            KeyHint(("Ctrl P",), _("打印")),
            KeyHint(("Ctrl N",), _("登记证书")),
        ]
    return [rows, *acts, *turn, back]
