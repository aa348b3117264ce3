"""The registry of certificates: found by number, name or scan, entered, checked, voided, running out. No Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.acts import may
from app.models.certificate import IN_FORCE, VOID
from app.models.codes import code_list
from app.models.training import Course
from app.services.numbers import CERTIFICATE
from app.services.training import certificates
from app.services.training.certificates import CertificateLine, find_certificate, list_certificates, list_expiring
from app.services.training.listing import open_file
from app.texts import N_, _
from app.ui import entry

if TYPE_CHECKING:
    from app.db.database import Transaction

HERE, EXPIRING, ALL = "here", "expiring", "all"
VOID_REASONS = (
    ("1", N_("信息印错了，重发")),
    ("2", N_("发错了人")),
    ("3", N_("成绩或考勤更正后不合格")),
    ("4", N_("发证单位撤销")),
)
_SCAN = re.compile(rf"{CERTIFICATE}\d{{10}}", re.ASCII)


@dataclass(frozen=True)
class Registry:
    """The three slices of the registry."""

    here: tuple[CertificateLine, ...]
    expiring: tuple[CertificateLine, ...]
    all: tuple[CertificateLine, ...]

    def of(self, slice_: str) -> tuple[CertificateLine, ...]:
        """Return one slice."""
        return {HERE: self.here, EXPIRING: self.expiring}.get(slice_, self.all)


@dataclass(frozen=True)
class Likely:
    """What a certificate of this class most likely says; the person corrects it."""

    cert_type: str | None
    cert_name: str | None
    level: str | None
    issuer: str | None
    months: int | None


def load_registry(tx: Transaction, class_id: str) -> Registry:
    """Read the registry; ``class_id`` may be empty."""
    here = tuple(list_certificates(tx, class_id=class_id)) if class_id else ()
    return Registry(here, tuple(list_expiring(tx)), tuple(list_certificates(tx)))


def search(tx: Transaction, typed: str) -> tuple[CertificateLine, ...]:
    """Return the certificates whose number, person or name holds what was typed; a scanned one alone.

    Raises:
        RuleError: one of our numbers with wrong check digits.
        NotFoundError: this device knows no certificate of that number.
    """
    if is_scan(typed):
        return (find_certificate(tx, entry.half_width(typed)),)
    return tuple(list_certificates(tx, filter_text=typed.strip()))


def is_scan(typed: str) -> bool:
    """Say whether this is a whole number of ours, as a scanner types it."""
    return _SCAN.match(entry.half_width(typed).strip().upper()) is not None and len(typed.strip()) >= 18


def likely(tx: Transaction, class_id: str) -> Likely:
    """Return what a certificate of this class most likely says.

    Raises:
        NotFoundError: there is no such class.
    """
    course: Course = open_file(tx, class_id).course
    return Likely(
        course.cert_type, course.cert_name or course.name, course.level, course.provider_name, course.cert_months
    )


def enter(tx: Transaction, enrolment_id: str, values: Mapping[str, Any]) -> CertificateLine:
    """Enter a certificate of another issuer.

    Raises:
        RuleError: she did not complete the class or never attended; the number is known already.
        InvalidInputError: by field.
    """
    made = certificates.issue_certificate(tx, enrolment_id, values)
    tx.flush()
    return find_certificate(tx, made.cert_no)


def note_check(tx: Transaction, certificate_id: str, result: str) -> None:
    """Note what the issuer's registry says."""
    certificates.check_certificate(tx, certificate_id, result)


def void(tx: Transaction, certificate_id: str, why: str) -> None:
    """Void a certificate."""
    certificates.void_certificate(tx, certificate_id, why)


# -- words ------------------------------------------------------------------------------------------------------------


def state_words(line: CertificateLine) -> str:
    """Return how it stands today."""
    if line.state == VOID:
        return code_list("CERT_STATE").label(line.state)
    if line.valid_until is None:
        return code_list("CERT_STATE").label(IN_FORCE)
    left = (line.valid_until - clock.today()).days
    if left < 0:
        return _("过期 {n} 天", n=-left)
    return _("还剩 {n} 天", n=left) if is_due(line) else code_list("CERT_STATE").label(IN_FORCE)


def state_tone(line: CertificateLine) -> str:
    """Return the tone of it."""
    if line.state == VOID:
        return "neutral"
    if line.valid_until is not None and line.valid_until < clock.today():
        return "red"
    return "orange" if is_due(line) else "good"


def is_due(line: CertificateLine) -> bool:
    """Say whether R13 is raised for it."""
    return line.state == IN_FORCE and line.remind_on is not None and line.remind_on <= clock.today()


def days(day: date | None) -> str:
    """Return a date in full: certificates run for years."""
    return day.isoformat() if day is not None else ""


def name_words(line: CertificateLine) -> str:
    """Return what the certificate is called."""
    return line.cert_name or code_list("CERT_TYPE").label(line.cert_type)


def note_words(line: CertificateLine) -> str:
    """Return what else is to be known of it."""
    parts = []
    if line.number_on_file:
        parts.append(_("原号里有身份证号，只记在本人档案；这里是站里的编号"))
    if line.remind_on is not None and line.state == IN_FORCE:
        parts.append(_("{day} 起提醒复审（R13）", day=line.remind_on.isoformat()))
    return _("；").join(parts)


def why_no_void(line: CertificateLine, roles: frozenset[str]) -> str:
    """Return why it cannot be voided; nothing where it can."""
    if line.state == VOID:
        return _("这张证书已经作废了")
    return "" if may(roles, "certificate.void") else _("作废由站长办，请转站长。")


def why_no_print(line: CertificateLine) -> str:
    """Return why there is nothing to print; nothing where there is."""
    if line.code is None or line.class_id is None:
        return _("这张证书不是站里发的，不能打印")
    return _("这张证书已经作废了") if line.state == VOID else ""


def void_words(code: str) -> str:
    """Return the reason for voiding that is kept: a record is in Chinese."""
    return dict(VOID_REASONS)[code]


def counts(found: Registry, *, of_class: bool) -> Sequence[tuple[str, str, int, str]]:
    """Return the slices: code, words, count, tone."""
    here = ((HERE, _("本班"), len(found.here), ""),) if of_class else ()
    due = (EXPIRING, _("快到期"), len(found.expiring), "orange" if found.expiring else "")
    return (*here, due, (ALL, _("全部"), len(found.all), ""))
