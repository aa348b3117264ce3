"""One counter's synchronising: push, pull, verify; short transactions, none of them across the network.

Everything it needs to know it reads from tables: a kill at any instruction resumes where the tables stand.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db import state
from app.db.database import Database, Transaction
from app.db.unconfirmed import any_waiting
from app.errors import AuthError, ExternalError, ProtocolError
from app.models.operation import Cursor
from app.models.wire import to_wire
from app.services import outbox
from app.sync import bootstrap, neighbours
from app.sync.blobs import BlobCarrier
from app.sync.bootstrap import Progress
from app.sync.chain_heads import tell_heads
from app.sync.epoch import adopt_epoch, forget_ghosts, refetched, refetching
from app.sync.feeds import leave_feed, lost_feeds
from app.sync.fuse import Fuse, RemovalError, feed_size, passed
from app.sync.membership import Membership, enrol, membership, note_contact
from app.sync.placing import place_kept
from app.sync.protocol import PULL_LIMIT, PULL_MAX, Page
from app.sync.pulling import fits, known_cursors, pages, read_cursors, store_page, unequal_feeds
from app.sync.pushing import Push
from app.sync.relaying import relay_waiting
from app.sync.report import SyncReport
from app.sync.reporting import take_notices, tell_how_it_is
from app.sync.sending import pending_ops
from app.sync.transport import BusyError, HttpTransport, ProblemAnswer, Transport
from app.sync.unsealing import unseal
from app.sync.verify import Counted, compare_feed, note_compared, repair_feed
from app.sync.versions import Terms, terms_of
from app.texts import _

log = logging.getLogger(__name__)

CLOCK_LIMIT = 300.0
ROUNDS = 3
PAGE = PULL_MAX
"""Entries of a page: each page is one transaction, and costs the search index a merge."""
SNAPSHOT_FROM = 4 * PULL_LIMIT
"""A shorter feed is fetched whole, with its past: its history is worth the few pages."""

__all__ = ["Membership", "SyncEngine", "SyncReport", "enrol", "membership"]


@dataclass
class _Look:
    """What a quick run must know, read at once: somebody waits for it.

    ``at``: how far the feeds were fetched; ``ready``: nothing is to be done first; ``batch``: what goes out next.
    """

    at: dict[str, int] = field(default_factory=dict)
    ready: bool = False
    batch: list[str] | None = None

    def take(self, tx: Transaction, member: Membership, *, send: bool) -> None:
        self.at = known_cursors(tx)
        self.ready = not (refetching(tx) or bootstrap.under_way(tx) or any_waiting(tx.session.connection()))
        if send:
            self.batch = pending_ops(tx, member.device, None)


class SyncEngine:
    """Synchronises one counter: ``run_once`` does everything, ``run_quick`` what somebody waits for; one at a time.

    ``stopping`` is asked between steps: a run ends early, losing nothing. A feed that is empty here and holds more than
    ``snapshot_from`` entries there is started from a snapshot. ``progress`` is told of that, on the thread of the run,
    after each page that was stored: (feed, records of it here, records that it holds). The second never passes the
    third; where they are equal the feed is here, and a run that was cut off goes on with what it had reached.
    """

    def __init__(
        self,
        database: Database,
        transport: Transport | None = None,
        *,
        ca: str | None = None,
        page: int = PAGE,
        snapshot_from: int = SNAPSHOT_FROM,
        progress: Progress = lambda _feed, _count, _total: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._given = transport
        self._own: HttpTransport | None = None
        self._ca = ca
        self._page = page
        self._snapshot_from = snapshot_from
        self._progress = progress
        self._stopping = stopping
        self._report = SyncReport()
        self._line: Transport | None = None
        self._fuse = Fuse(database)
        self._attachments = BlobCarrier(database, stopping)
        self._terms = Terms()
        self._placed = False

    def close(self) -> None:
        """Close the connection to the district."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def run_once(self, *, recount: bool = True) -> SyncReport:
        """Push, pull and verify once; whatever goes wrong is in the report, and nothing is lost.

        ``recount``: compare what the rows say, not what was kept up of them. Without it nothing is asked about feeds
        that neither side has changed since they were found equal, so that an idle run costs one request.
        """
        return self._attempt(lambda transport, member: self._run(transport, member, recount))

    def run_quick(
        self, heads: Mapping[str, int], page: tuple[str, Page] | None = None, *, send: bool = True
    ) -> SyncReport:
        """Send what is pending and fetch of these feeds what is new, no more; a whole run must follow when it is quiet.

        ``page``: what the district sent along with the word of these heads, and its epoch; what it lacks is fetched.
        Where that is not enough (another epoch, a feed to be started, a feed lost), it becomes a whole run. One that
        went well is not noted: the report counts only what went and came.
        """
        look = _Look()
        ahead = send and page is None  # what a page brings may change what is to be sent

        def work(transport: Transport, member: Membership) -> bool:
            return self._run_quick(transport, member, heads, page, send=send, look=look)

        return self._attempt(work, look=lambda tx, member: look.take(tx, member, send=ahead))

    def _attempt(
        self,
        work: Callable[[Transport, Membership], bool],
        *,
        look: Callable[[Transaction, Membership], None] = lambda _tx, _member: None,
    ) -> SyncReport:
        """Do a run; ``work`` tells whether it was a whole one. ``look`` reads what it must know beforehand."""
        self._report, self._line = SyncReport(), None
        try:
            if not self._placed:
                place_kept(self._database)
                self._placed = True
            with self._database.read() as tx:
                member = membership(tx)
                if member is not None:
                    look(tx, member)
            if member is None:
                return self._end(_("这台电脑还没有加入区里"), "sync.not_joined")
            if not work(self._transport(member), member):
                return self._report
        except BusyError as problem:
            self._report = replace(self._report, retry_after=problem.retry_after)
            return self._end(problem.text, problem.code)
        except AuthError as problem:
            self._report = replace(self._report, locked_out=True)
            return self._end(problem.text, problem.code)
        except RemovalError as problem:
            self._report = replace(self._report, removal=problem.removal)
            return self._end(problem.text, problem.code)
        except ExternalError as problem:
            return self._end(problem.text, problem.code)
        return self._end(None, None)

    def _transport(self, member: Membership) -> Transport:
        if self._given is not None:
            return self._given
        if self._own is None or (self._own.url, self._own.trust) != (member.url, (member.token, self._ca, member.pin)):
            self.close()
            self._own = member.connect(self._ca)
        return self._own

    def _run(self, transport: Transport, member: Membership, recount: bool) -> bool:
        try:
            self._exchange(transport, member, recount)
        except ProblemAnswer as problem:
            if problem.problem != "epoch_changed":
                raise
            # The server was restored between two requests of this run: begin anew with what it says now.
            self._exchange(transport, member, recount)
        return True

    def _run_quick(
        self,
        transport: Transport,
        member: Membership,
        heads: Mapping[str, int],
        came: tuple[str, Page] | None,
        *,
        send: bool,
        look: _Look,
    ) -> bool:
        at = {feed: look.at[feed] for feed in heads if feed in look.at}
        far = any(heads[feed] - seq > self._snapshot_from for feed, seq in at.items())
        if not look.ready or len(at) < len(heads) or far:
            return self._run(transport, member, recount=False)
        self._fuse = Fuse(self._database)
        try:
            if came is not None and came[0] == member.epoch and fits(came[1], at):
                self._fuse.check_page(transport, member.epoch, came[1], self._page)
                self._store(came[1])
                at.update(came[1].cursors)
            if send:
                self._push(transport, member, look.batch)
            behind = tuple(feed for feed, seq in at.items() if seq < heads[feed])
            if behind:
                self._pull(transport, member, behind)
        except ProblemAnswer as problem:
            if problem.problem not in ("epoch_changed", "not_your_feed"):
                raise
            return self._run(transport, member, recount=False)
        return False

    def _exchange(self, transport: Transport, member: Membership, recount: bool) -> None:
        status = transport.status()
        self._line = transport
        self._check_status(transport, status)
        take_notices(self._database, status)
        member = self._same_epoch(member, status)
        with self._database.write(None) as tx:
            neighbours.note_status(tx, status)
        heads = {str(feed): head for feed, head in status.get("feeds", {}).items()}
        self._fuse = Fuse(self._database)
        self._leave_feeds(tuple(heads))
        asked = set[str]()
        for number in range(ROUNDS):
            before = self._report.pushed
            relayed = relay_waiting(self._database, transport, member, asked, stored=self._note_pushed)
            self._push(transport, member)
            self._terms.check_before_pull()
            self._start_feeds(transport, member, heads)
            moved = number > 0 or relayed > 0 or self._report.pushed > before
            changed = tuple(heads) if recount or moved else unequal_feeds(self._database, heads)
            if changed:
                self._pull(transport, member, tuple(heads))
            back = self._settle_pull(member, heads, asked)
            if self._stopping() or (self._verify(transport, member, changed, recount=recount) and not back):
                break
        self._report = replace(self._report, attachments_left=self._attachments.run(transport, tuple(heads)))
        self._terms.check_all_sent()

    def _check_status(self, transport: Transport, status: Mapping[str, Any]) -> None:
        offset = float(getattr(transport, "offset_seconds", 0.0))
        self._report = replace(self._report, clock_offset=offset, clock_wrong=abs(offset) > CLOCK_LIMIT)
        self._terms = terms_of(status)

    def _same_epoch(self, member: Membership, status: Mapping[str, Any]) -> Membership:
        """Take up with a server that was restored from a backup; what it lost of this device's work is sent again."""
        epoch, expect = status.get("epoch"), status.get("expect")
        if not isinstance(epoch, str) or not isinstance(expect, int):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        if epoch == member.epoch:
            return member
        with self._database.write(None) as tx:
            again = adopt_epoch(tx, member.device, status)
        self._report = replace(self._report, epoch_changed=True, sent_again=self._report.sent_again + again)
        return replace(member, epoch=epoch)

    def _leave_feeds(self, feeds: tuple[str, ...]) -> None:
        """Let go of feeds that the district no longer gives this device."""
        with self._database.read() as tx:
            lost = {feed: feed_size(tx, feed) for feed in lost_feeds(tx, feeds)}
        for feed, size in lost.items():
            self._fuse.measure(feed, size, size)
            with self._database.write(None) as tx:
                _gone, sealed = leave_feed(tx, feed, feeds)
            self._report = replace(self._report, sealed=self._report.sealed + sealed)

    # -- push ---------------------------------------------------------------------------------------------------

    def _push(self, transport: Transport, member: Membership, first: list[str] | None = None) -> None:
        """Send everything pending in order, batch by batch, as far as the district's version can take it.

        ``first``: the first batch, where it was read already.
        """
        Push(
            self._database,
            transport,
            member,
            takes=self._terms.takes,
            stopping=self._stopping,
            stored=self._note_pushed,
            first=first,
        ).run()

    def _note_pushed(self, count: int) -> None:
        self._report = replace(self._report, pushed=self._report.pushed + count)

    def _start_feeds(self, transport: Transport, member: Membership, heads: Mapping[str, Any]) -> None:
        """Fetch the feeds that are empty here as they stand; pull goes on from there."""
        with self._database.write(None) as tx:
            least = 0 if refetching(tx) else self._snapshot_from
            wanted = [feed for feed, head in heads.items() if bootstrap.begin(tx, feed, int(head), least)]
        for feed in wanted:
            if not self._stopping():
                came = bootstrap.fetch(
                    self._database,
                    transport,
                    member.epoch,
                    feed,
                    limit=self._page,
                    admit=lambda page: self._fuse.check(page.entries),
                    progress=self._progress,
                    stopping=self._stopping,
                )
                self._report = replace(self._report, pulled=self._report.pulled + came)

    # -- pull ---------------------------------------------------------------------------------------------------

    def _pull(self, transport: Transport, member: Membership, feeds: tuple[str, ...]) -> None:
        """Fetch page after page; each is stored with its cursors in one transaction, or not at all."""
        with self._database.read() as tx:
            cursors = read_cursors(tx, feeds)
        epoch, limit = member.epoch, self._page

        def admit(page: Page) -> None:
            self._fuse.check_page(transport, epoch, page, limit)

        for page in pages(transport, epoch, cursors, limit, admit=admit, stopping=self._stopping):
            self._store(page)

    def _store(self, page: Page) -> None:
        store_page(self._database, page)
        self._report = replace(self._report, pulled=self._report.pulled + len(page.entries))

    def _settle_pull(self, member: Membership, heads: Mapping[str, int], asked: set[str]) -> int:
        """Note that everything there is was fetched, and this asked; return how much was unsealed by that."""
        with self._database.write(None) as tx:
            if refetching(tx) and not self._stopping():
                refetched(tx, member.device)
            forget_ghosts(tx)
            passed(tx)
            if self._stopping():
                return 0
            neighbours.settle_answered(tx, asked)
            return unseal(tx, heads)

    # -- verify -------------------------------------------------------------------------------------------------

    def _verify(self, transport: Transport, member: Membership, feeds: tuple[str, ...], *, recount: bool) -> bool:
        """Compare every feed with the district; return False when another round is needed."""
        again = False
        found, fresh = dict[str, tuple[int, bool]](), dict[str, Counted]()
        for feed, answer in (transport.digests(feeds) if feeds else {}).items():
            types = answer.get("types") or {}
            with self._database.read() as tx:
                cursor = read_cursors(tx, (feed,))[feed]
            if answer.get("head") != cursor:
                again = True
                continue
            equal = compare_feed(self._database, feed, types, recount=recount, fresh=fresh)
            if not equal:
                repaired = repair_feed(self._database, transport, member.epoch, feed, types)
                log.info("feed %s differed from the district: %d records fetched again", feed, repaired)
                self._report = replace(self._report, repaired=self._report.repaired + repaired)
                equal = compare_feed(self._database, feed, types)
            found[feed] = (cursor, equal)
        note_compared(self._database, found, fresh)
        self._report = replace(self._report, agreed=None if again else all(equal for _at, equal in found.values()))
        return not again

    def _end(self, text: str | None, code: str | None) -> SyncReport:
        """Note how the run ended, and return its report."""
        report = self._report
        error = (code or "", text) if text is not None else None
        if error is None and report.agreed is False:
            error = ("sync.differs", _("和区里核对不上，已重新取过；请转站长"))
        with self._database.write(None) as tx:
            summary = outbox.sync_summary(tx)
            now = to_wire(clock.now())
            note_contact(tx, now, error[0] if error else None)
            state.set_state(tx.session, outbox.LAST_TRY, now)
            state.set_state(tx.session, outbox.LAST_ERROR, list(error) if error else None)
            if error is None:
                state.set_state(tx.session, outbox.LAST_OK, now)
            if error is None or report.clock_offset:
                state.set_state(tx.session, outbox.CLOCK_OFFSET, report.clock_offset)
            cursors = tuple(
                (row.feed, row.seq) for row in tx.session.scalars(select(Cursor).order_by(col(Cursor.feed)))
            )
        if self._line is not None and not report.locked_out and report.retry_after is None:
            tell_how_it_is(self._database, self._line, summary, offset=report.clock_offset, error=error and error[0])
            tell_heads(self._database, self._line)
        return replace(
            report,
            parked=summary.parked,
            held=summary.held,
            conflicts=summary.conflicts,
            feeds=cursors,
            error=error,
        )
