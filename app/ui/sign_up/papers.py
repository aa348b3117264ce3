"""Sign-up slips and certificates of completion as sheets: what is on them, whether they may be printed, the way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from app.models.codes import code_list
from app.printing import sign_up_slip
from app.printing.completion import CompletionRow, render_completion
from app.printing.sign_up_slip import SignUpRow, render_sign_up
from app.printing.training_facts import completion_row, sign_up_row
from app.services.referrals import full_station_name
from app.services.stations import find_station
from app.services.training.certificates import completion_facts
from app.services.training.prints import UNDECIDED, prints_of, record_certificate_print, record_slip_print
from app.services.training.rosters import sign_up_facts
from app.texts import _
from app.ui import print_pdf

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from app.db.database import Transaction

SLIP, CERTIFICATE = "slip", "certificate"
PRINTER, PDF = "printer", "pdf"
PAPER = {SLIP: "A5", CERTIFICATE: "A4"}
_TONES = {
    sign_up_slip.UNCONFIRMED: "yellow",
    sign_up_slip.CONFIRMED: "good",
    sign_up_slip.WAITING: "orange",
}


@dataclass(frozen=True)
class Paper:
    """One sheet. ``printed``: how often it went out at all; ``again``: it did saying the same, so it wants a reason;
    ``refusal``: why it may not be printed.
    """

    kind: str
    id: str
    number: str
    name: str
    title: str
    row: SignUpRow | CompletionRow
    chip: tuple[str, str]
    printed: int
    again: bool
    refusal: str

    @property
    def shape(self) -> str:
        """Return the size of its paper."""
        return PAPER[self.kind]

    @property
    def what(self) -> str:
        """Return how sentences name it."""
        short = self.number[-4:]
        return _("报名确认单 {no}", no=short) if self.kind == SLIP else _("结业证明 {no}", no=short)

    @property
    def words(self) -> str:
        """Return what is on it, for who does not see it."""
        return _("，").join((self.what, self.name, self.title, self.chip[0]))


@dataclass(frozen=True)
class Job:
    """One way to paper, from the wish to the sheet; ``pdf`` once it is made."""

    paper: Paper
    way: str
    why: str | None = None
    printer_name: str = ""
    printer: QPrinter | None = None
    path: Path | None = None
    pdf: bytes = b""


def load_papers(tx: Transaction, kind: str, ids: Sequence[str], handled_by: str) -> tuple[Paper, ...]:
    """Return the sheets of these sign-ups or certificates.

    Raises:
        NotFoundError: one of them is gone.
        RuleError: a certificate that is not ours to print.
    """
    station = find_station(tx)
    name, phone = full_station_name(station), (station.phone if station else None) or ""
    make = _slip if kind == SLIP else _certificate
    return tuple(make(tx, each, (name, phone, handled_by)) for each in ids)


def _slip(tx: Transaction, enrolment_id: str, about: tuple[str, str, str]) -> Paper:
    facts = sign_up_facts(tx, enrolment_id)
    row = sign_up_row(facts, station_name=about[0], station_phone=about[1], handled_by=about[2])
    prints = prints_of(tx, [enrolment_id]).get(enrolment_id, Counter())
    gone = row.standing in (sign_up_slip.GONE, sign_up_slip.CANCELLED)
    refusal = _("已经退班或班取消了，确认单失效，不能再打") if gone else ""
    chip = (_standing(row.standing), _TONES.get(row.standing, "red"))
    again = bool(prints.get(facts.seat or UNDECIDED))
    printed = sum(prints.values())
    return Paper(SLIP, enrolment_id, facts.enrol_no, facts.name, facts.title, row, chip, printed, again, refusal)


def _standing(word: str) -> str:
    """Return the paper's word in the screen's language."""
    known = {
        sign_up_slip.UNCONFIRMED: _("待确认"),
        sign_up_slip.CONFIRMED: _("名额已确认"),
        sign_up_slip.WAITING: _("候补"),
        sign_up_slip.GONE: _("已退班"),
        sign_up_slip.CANCELLED: _("班取消了"),
    }
    return known[word]


def _certificate(tx: Transaction, certificate_id: str, about: tuple[str, str, str]) -> Paper:
    facts = completion_facts(tx, certificate_id)
    row = completion_row(facts, station_name=about[0], station_phone=about[1])
    printed = sum(prints_of(tx, [certificate_id]).get(certificate_id, {}).values())
    refusal = _("这张证书已经作废，不能再打") if facts.void else ""
    chip = (_("已作废"), "red") if facts.void else (_("有效"), "good")
    return Paper(
        CERTIFICATE, certificate_id, facts.cert_no, facts.name, facts.title, row, chip, printed, printed > 0, refusal
    )


def render(paper: Paper) -> bytes:
    """Return the sheet as PDF.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    return render_sign_up(paper.row) if isinstance(paper.row, SignUpRow) else render_completion(paper.row)


def picture(paper: Paper, width: int) -> QImage:
    """Return the picture of the very sheet that is printed, that many pixels across.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    return print_pdf.page_image(render(paper), width=width)


def prepare(job: Job) -> Job:
    """Make the sheet before anything is noted: what cannot be printed stops here.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    return replace(job, pdf=render(job.paper))


def record(tx: Transaction, job: Job, handled_by: str) -> Job:
    """Note the print before any paper moves; a sheet that says something else by now is made anew.

    Raises:
        InvalidInputError: the same sheet again without a reason.
        RuleError: it may not be printed any more.
    """
    fresh = load_papers(tx, job.paper.kind, [job.paper.id], handled_by)[0]
    note = record_slip_print if job.paper.kind == SLIP else record_certificate_print
    note(tx, job.paper.id, way=job.way, why=job.why)
    return job if fresh.row == job.paper.row else replace(job, paper=fresh, pdf=b"")


def put_out(job: Job) -> Job:
    """Send the sheet to the printer, or write it to its file.

    Raises:
        PrintError: the printer took nothing.
        StorageError: the file could not be written.
    """
    pdf = job.pdf or render(job.paper)
    if job.path is not None:
        print_pdf.save_pdf(pdf, job.path)
    elif job.printer is not None:
        print_pdf.print_on(job.printer, pdf, job=job.paper.number, what=job.paper.what)
    else:
        print_pdf.print_document(pdf, printer_name=job.printer_name, job=job.paper.number, what=job.paper.what)
    return job


def reprint_reasons() -> tuple[tuple[str, str], ...]:
    """Return the reasons for printing once more."""
    return tuple((code.code, code.label) for code in code_list("REPRINT_REASON").choices())


def main_words(paper: Paper | None) -> str:
    """Return the words of the main button."""
    return _("补打") if paper is not None and paper.again else _("打印")


def note_words(paper: Paper) -> str:
    """Return what to know before printing."""
    if paper.refusal:
        return paper.refusal
    if paper.kind == CERTIFICATE:
        return _("编号早已登账，补打还是这个编号。盖章才有效。")
    if paper.printed and not paper.again:
        return _("名额有了新结果：打这张换给本人，旧的收回。")
    return {
        "yellow": _("单子上印“待确认”：区里确认前请本人不要辞工、买票。请本人签字。"),
        "orange": _("单子上印“候补”：有人退班才轮得到，轮到了打电话通知。请本人签字。"),
    }.get(paper.chip[1], _("请本人看清日期和地点，在单子上签字。"))
