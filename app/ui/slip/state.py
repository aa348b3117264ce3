"""What the slip screen shows and decides; read and rendered off the GUI thread, no widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from PySide6.QtGui import QImage

from app.models.codes import code_list
from app.printing.slip import render_slips
from app.printing.slip_facts import FEW_PLACES, slip_row
from app.printing.spool import pdf_sha256
from app.services import referrals
from app.services.referrals import SlipFacts
from app.texts import _
from app.ui import print_pdf
from app.ui.sync_badge import ALONE, OFFLINE, SyncSummary

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from app.db.database import Transaction

PaperName = Literal["A4", "A5"]
PAPER_NAMES: tuple[PaperName, PaperName] = ("A4", "A5")
PRINTER, PDF = "printer", "pdf"
SHAPES = {"A4": 210 / 297, "A5": 210 / 148}
"""Width by height: A5 lies on its side."""


@dataclass(frozen=True)
class SlipView:
    """One slip on screen: what is on it, whose it is, how it stands. ``facts.copy_no`` is that of the next print."""

    facts: SlipFacts
    resident_id: str
    state: str
    sent: bool
    print_sex: bool
    print_phone: bool
    printed: int

    @property
    def short_no(self) -> str:
        """Return the last four figures, as people say a number."""
        return self.facts.slip_no[-4:]

    @property
    def what(self) -> str:
        """Return how sentences name it."""
        return _("推荐信 {no}", no=self.short_no)


@dataclass(frozen=True)
class PrintJob:
    """One way to paper, from the wish to the sheet; ``facts`` and ``pdf`` once it is recorded."""

    view: SlipView
    paper: PaperName
    way: str
    why: str | None = None
    printer_name: str = ""
    printer: QPrinter | None = None
    path: Path | None = None
    facts: SlipFacts | None = None
    pdf: bytes = b""


def load_slip(tx: Transaction, referral_id: str) -> SlipView:
    """Return a slip.

    Raises:
        NotFoundError: there is no such referral.
    """
    referral = referrals.get_referral(tx, referral_id)
    facts = referrals.slip_facts(tx, referral_id)
    return SlipView(
        facts,
        referral.resident_id,
        referral.state,
        referral.rev > 0,
        referral.print_sex,
        referral.print_phone,
        facts.copy_no,
    )


def preview(facts: SlipFacts, paper: str, width: int) -> QImage:
    """Return the picture of the very sheet that is printed, that many pixels across.

    Raises:
        PrintError: a character that no shipped font has.
    """
    return print_pdf.page_image(render(facts, paper), width=width)


def render(facts: SlipFacts, paper: str) -> bytes:
    """Return the sheet as PDF.

    Raises:
        PrintError: a character that no shipped font has.
    """
    return render_slips([slip_row(facts)], paper=cast("PaperName", paper))


def prepare(job: PrintJob) -> PrintJob:
    """Make the sheet before anything is recorded: what cannot be printed stops here.

    Raises:
        PrintError: a character that no shipped font has.
    """
    return replace(job, pdf=render(job.view.facts, job.paper))


def record(tx: Transaction, job: PrintJob) -> PrintJob:
    """Note the print, durably, before any paper moves; the job comes back with its right copy number.

    Raises:
        InvalidInputError: a copy without a reason.
        RuleError: the slip is void.
    """
    referral_id = job.view.facts.referral_id
    expected = job.view.facts
    fresh = referrals.slip_facts(tx, referral_id)
    same = fresh == expected
    made = referrals.record_print(
        tx, referral_id, paper=job.paper, way=job.way, why=job.why, pdf_sha256=pdf_sha256(job.pdf) if same else None
    )
    facts = replace(fresh, copy_no=made.copy_no)
    return replace(job, facts=facts, pdf=job.pdf if same else b"")


def put_out(job: PrintJob) -> PrintJob:
    """Send the recorded sheet to the printer, or write it to its file.

    Raises:
        PrintError: the printer took nothing.
        StorageError: the file could not be written.
    """
    pdf = job.pdf or render(job.facts or job.view.facts, job.paper)
    number = (job.facts or job.view.facts).slip_no
    if job.path is not None:
        print_pdf.save_pdf(pdf, job.path)
    elif job.printer is not None:
        print_pdf.print_on(job.printer, pdf, job=number, what=job.view.what)
    else:
        print_pdf.print_document(pdf, printer_name=job.printer_name, job=number, what=job.view.what)
    return job


def void(tx: Transaction, referral_id: str, why: str) -> None:
    """Void the slip."""
    referrals.void_referral(tx, referral_id, why)


def deliver(tx: Transaction, referral_id: str) -> None:
    """Note that the person has it."""
    referrals.mark_delivered(tx, referral_id)


def reasons(list_id: str) -> tuple[tuple[str, str], ...]:
    """Return the codes of a list of reasons with their words."""
    return tuple((code.code, code.label) for code in code_list(list_id).choices())


def chips(view: SlipView, summary: SyncSummary | None) -> tuple[tuple[str, str, str | None], ...]:
    """Return (word, tone, icon) of the header's chips."""
    if view.facts.void:
        return ((_("已作废"), "red", "ban"),)
    found: list[tuple[str, str, str | None]] = [(_("已登账"), "good", "check")]
    joined = summary is not None and summary.state != ALONE
    if joined and not view.sent:
        found.append((_("待送区里"), "yellow", "cloud-off"))
    if view.printed:
        found.append((_("出过 {n} 次纸", n=view.printed), "neutral", "printer"))
    return tuple(found)


def places_note(view: SlipView, summary: SyncSummary | None) -> str:
    """Return what to know where few places are left; nothing where there are enough."""
    left = view.facts.places_left
    if left is None or left > FEW_PLACES or view.facts.void:
        return ""
    words = _("这个岗位只剩 {n} 个名额。", n=left)
    if summary is None or summary.state == ALONE:
        return words
    if summary.state == OFFLINE:
        words = _("这个岗位只剩 {n} 个名额，现在离线。", n=left)
    return words + _("区里先收到谁，名额给谁；没轮到的自动转候补，两边都会通知。")


def main_words(view: SlipView | None) -> str:
    """Return the words of the main button."""
    return _("补打（副本）") if view is not None and view.printed else _("打印")


def page_width(paper: str, room: tuple[int, int], *, whole: bool) -> int:
    """Return how wide the page is drawn in a room of that width and height: whole, or across the room."""
    width, height = room
    return max(200, min(width, round(height * SHAPES[paper])) if whole else width)


def file_name(view: SlipView) -> str:
    """Return the name that a saved slip is offered: the number, nobody's name."""
    return f"{view.facts.slip_no}.pdf"
