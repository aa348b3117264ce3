"""How far each feed was read, and whether a page goes on from there without a gap."""

from collections.abc import Mapping

from app.db.database import Transaction
from app.errors import ProtocolError
from app.models.operation import Cursor
from app.sync.protocol import Page
from app.texts import _


def check_page(page: Page, cursors: Mapping[str, int]) -> None:
    """Refuse a page that skips or repeats: feeds are gapless.

    Raises:
        ProtocolError: the pull stops at the page before.
    """
    at = dict(cursors)
    for entry in page.entries:
        if entry.feed not in at or entry.seq != at[entry.feed] + 1:
            raise ProtocolError(_("区里送来的内容缺了一段，停在这里，稍后再取"), code="sync.gap")
        at[entry.feed] = entry.seq
    for feed, seq in page.cursors.items():
        if feed in at and seq != at[feed]:
            raise ProtocolError(_("区里送来的内容缺了一段，停在这里，稍后再取"), code="sync.gap")
    if page.more and not page.entries:
        raise ProtocolError(_("区里的回答看不懂，请稍后再试"))


def cursor_of(tx: Transaction, feed: str) -> int:
    """Return up to where a feed was read."""
    row = tx.session.get(Cursor, feed)
    return row.seq if row is not None else 0


def keep_cursor(tx: Transaction, feed: str, seq: int, head: int) -> None:
    """Note up to where a feed was read, and how far it had grown."""
    row = tx.session.get(Cursor, feed)
    if row is None:
        tx.session.add(Cursor(feed=feed, seq=seq, head=head))
    elif row.seq != seq or row.head != head:
        row.seq, row.head = seq, head
