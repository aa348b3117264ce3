"""A person's role in words, and the tone of her tile."""

from app.texts import N_, _

ROLE_NAMES: dict[str, str] = {
    "clerk": N_("窗口经办"),
    "trainer": N_("培训教师"),
    "supervisor": N_("站长"),
    "officer": N_("区县经办"),
    "operator": N_("第三方运营"),
}
TONES = ("accent", "blue", "yellow", "neutral", "orange")


def role_name(roles: frozenset[str] | tuple[str, ...]) -> str:
    """Return the words for the first of a person's roles."""
    for role, words in ROLE_NAMES.items():
        if role in roles:
            return _(words)
    return ""


def tone_of(place: int) -> str:
    """Return the avatar tone of the nth person."""
    return TONES[place % len(TONES)]
