"""One act: save a sheet, with its draft forgotten in the same transaction; and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.services import drafts, history, residents
from app.services.residents import KnownFacts
from app.ui.register import state
from app.ui.register.state import FORM

if TYPE_CHECKING:
    from app.db.database import Transaction


@dataclass(frozen=True)
class Saving:
    """A sheet as the services take it. Without ``resident_id`` it is somebody new."""

    values: Mapping[str, Any]
    registration: Mapping[str, Any] | None
    consents: Sequence[Mapping[str, Any]]
    subject: str
    draft: Mapping[str, Any]
    resident_id: str | None = None
    registration_id: str | None = None

    def run(self, tx: Transaction) -> Saved:
        """Register, or edit, and forget the draft."""
        if self.resident_id is None:
            person = residents.register_resident(
                tx, self.values, registration=self.registration, consents=self.consents
            )
        else:
            person = residents.edit_file(
                tx,
                self.resident_id,
                self.values,
                registration=self.registration,
                registration_id=self.registration_id,
                consents=self.consents,
            )
        drafts.drop_draft(tx, FORM, subject=self.subject)
        return Saved(person.id, person.name, self, tx)


def make_job(
    entered: Mapping[str, Any],
    known: KnownFacts | None,
    *,
    resident_id: str,
    subject: str,
    draft: Mapping[str, Any],
    wanted: bool,
) -> Saving:
    """Turn a sheet into an act; ``wanted``: with the registration, not the facts alone."""
    registration = None
    if wanted:
        registration = state.registration_values(entered, known.registration if known else None)
    return Saving(
        values=state.resident_values(entered, known.resident if known else None),
        registration=registration,
        consents=state.consent_items(entered, known.consents if known else None),
        subject=subject,
        draft=draft,
        resident_id=resident_id or None,
        registration_id=known.registration_id if known else None,
    )


@dataclass(frozen=True)
class Saved:
    """What was saved; ``tx`` knows, once committed, which operation it was."""

    resident_id: str
    name: str
    job: Saving
    tx: Transaction

    @property
    def is_new(self) -> bool:
        """Whether a file was made."""
        return self.job.resident_id is None

    def take_back(self, tx: Transaction) -> None:
        """Undo it, and put what was typed back among the drafts."""
        if self.tx.op_id is not None:
            history.undo(tx, self.tx.op_id)
        drafts.keep_draft(tx, FORM, dict(self.job.draft), subject=self.job.subject)


@dataclass(frozen=True)
class Keeping:
    """A draft on its way into the encrypted file."""

    subject: str
    entered: Mapping[str, Any]

    def run(self, tx: Transaction) -> datetime:
        """Save it; return when."""
        return drafts.keep_draft(tx, FORM, dict(self.entered), subject=self.subject)

    def forget(self, tx: Transaction) -> None:
        """Drop it."""
        drafts.drop_draft(tx, FORM, subject=self.subject)
