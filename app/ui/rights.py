"""What somebody may do, and the sentence why not. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.models.acts import TRAINER, find_act, may
from app.texts import _


@dataclass(frozen=True)
class Rights:
    """Who asks: her roles. A trainer and nothing else sees her own classes alone."""

    roles: frozenset[str]

    @classmethod
    def of(cls, roles: Iterable[str]) -> Rights:
        """Return the rights of these roles."""
        return cls(frozenset(roles))

    @property
    def only_trainer(self) -> bool:
        """Whether she is a trainer and nothing else."""
        return self.roles == frozenset({TRAINER})

    def may(self, act: str) -> bool:
        """Tell whether the services allow this act."""
        return may(self.roles, act)

    def why_not(self, act: str) -> str:
        """Return the sentence why not; empty where she may."""
        if self.may(act):
            return ""
        known = find_act(act)
        what = _(known.label) if known is not None else act
        if known is not None and known.roles == frozenset({"supervisor"}):
            return _("“{what}”要站长来办", what=what)
        if self.only_trainer:
            return _("“{what}”由站里的人办，教师点名、登成绩、写上课记录", what=what)
        return _("“{what}”由站里的窗口办", what=what)
