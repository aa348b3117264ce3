"""From what the services know of a referral to what its slip shows."""

from app.models.codes import code_list
from app.printing.slip import SlipRow
from app.services.places import WAITS
from app.services.referrals import SlipFacts

FEW_PLACES = 3
"""From so few places on, the letter says that the district confirms the place, even before one was joined."""


def slip_row(facts: SlipFacts) -> SlipRow:
    """Return the row of a slip; its words are Chinese whatever the language of the screen."""
    sex = code_list("SEX").get(facts.sex)
    return SlipRow(
        slip_no=facts.slip_no,
        name=facts.name,
        sex_label=str(sex.extra.get("short_zh") or sex.label_zh) if sex is not None else None,
        phone=facts.phone,
        employer_name=facts.employer_name,
        employer_unverified=facts.employer_unverified,
        employer_address=facts.employer_address or "",
        contact=facts.contact or "",
        employer_phone=facts.employer_phone or "",
        vacancy_title=facts.vacancy_title,
        vacancy_no=facts.vacancy_no or "",
        interview_at=facts.interview_at,
        valid_until=facts.valid_until,
        issued_on=facts.issued_on,
        station_name=facts.station_name,
        station_phone=facts.station_phone or "",
        handled_by=facts.handled_by,
        copy_no=facts.copy_no,
        void=facts.void,
        places_note=_unconfirmed(facts),
        waiting=facts.place == WAITS,
    )


def _unconfirmed(facts: SlipFacts) -> bool:
    """Tell whether the district has yet to say that one of the places is hers."""
    if facts.place is not None or facts.places_left is None:
        return False
    return facts.joined or facts.places_left <= FEW_PLACES
