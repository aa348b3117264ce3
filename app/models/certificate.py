"""Certificates that training led to (domain sheet 2.12, R13)."""

import re
from datetime import date
from typing import ClassVar

from pydantic import field_validator, model_validator
from sqlmodel import Field

from app import clock
from app.models.base import Draft, FieldError, Record, code_field, ref_field, text_field
from app.models.identity import ID_CARD, check_id_no, normalise_id
from app.texts import _

COMPLETION = "6"
"""CERT_TYPE of the certificate of completion that a class itself issues (培训合格证)."""

IN_FORCE, VOID = "10", "60"
_OWN = re.compile(r"(JY\d{10}[0-9A-Z]{2})(\d{4})", re.ASCII)


class CertificateDraft(Draft):
    """证书. ``cert_no`` is unique in the district and holds no ID number: every trainer reads this feed.

    A permit numbered by its holder's ID number gets a number of ours; the issuer's stays in the resident's file
    (``number_on_file``). ``remind_on``: from that day on R13 is raised.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"cert_no", "cert_type", "name", "resident_id", "trade", "level", "issuer", "issued_on"}
    )

    cert_no: str = Field(max_length=40, index=True)
    cert_type: str | None = code_field("CERT_TYPE")
    cert_name: str | None = text_field(60)
    trade: str | None = text_field(16)
    level: str | None = code_field("SKILL")
    issuer: str | None = text_field(100)
    issued_on: date = Field()
    valid_until: date | None = Field(default=None)
    remind_on: date | None = Field(default=None)
    theory: float | None = Field(default=None, ge=0, le=100)
    practice: float | None = Field(default=None, ge=0, le=100)
    check_result: str | None = code_field("CERT_CHECK")
    class_id: str | None = ref_field()
    enrolment_id: str | None = ref_field()
    resident_id: str = ref_field(default=...)
    name: str = Field(max_length=50)
    hours: float | None = Field(default=None, ge=0, le=5000)
    number_on_file: bool = Field(default=False)
    state: str = code_field("CERT_STATE", default=IN_FORCE)
    void_why: str | None = text_field(200)

    @field_validator("cert_no", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        number = normalise_id(value)
        if len(number) < 4:
            raise ValueError(_("证书编号太短"))
        if holds_id_no(number):
            raise ValueError(_("编号里有身份证号，不能放进培训数据；原号记在本人档案里，这里用站里的编号"))
        own = _OWN.fullmatch(number)
        return f"{own[1]}-{own[2]}" if own else number

    @model_validator(mode="after")
    def _rules(self) -> "CertificateDraft":
        if self.valid_until is not None and self.valid_until < self.issued_on:
            raise FieldError("valid_until", _("有效期早于发证日期"))
        if self.state == VOID and not self.void_why:
            raise FieldError("void_why", _("作废要写原因"))
        return self


class Certificate(CertificateDraft, Record, table=True):
    """A certificate's row."""

    __tablename__ = "certificate"


def holds_id_no(text: str) -> bool:
    """Tell whether a citizen's ID number stands anywhere in a text."""
    number, today = normalise_id(text), clock.today()
    spots = (spot.start() for spot in re.finditer(r"(?=\d{17}[\dX])", number, re.ASCII))
    return any(not check_id_no(ID_CARD, number[start : start + 18], today=today).error for start in spots)
