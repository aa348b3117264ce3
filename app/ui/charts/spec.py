"""What a chart shows, without Qt and without the library: labels, values, and the tokens of its colours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """Values of one colour, one per label; None leaves a gap. ``words`` stand at the values, where there are any."""

    name: str
    values: tuple[float | None, ...]
    token: str
    words: tuple[str, ...] = ()
    ink: str = "text"


@dataclass(frozen=True)
class Bars:
    """Bars upright beside the axis of ``labels``; a second series stands in front of the first, narrower in nothing."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    last_in: str = ""
    """The colour of the last bar of the last series, where it is another: the month that still runs."""


@dataclass(frozen=True)
class Line:
    """A line over ``labels``, its last point marked; ``goal`` is dashed across."""

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    token: str
    goal: float | None = None
    words: tuple[str, ...] = ()
    percent: bool = False


@dataclass(frozen=True)
class Step:
    """One pillar of ``Steps``, from ``low`` to ``high``; ``words`` above it."""

    label: str
    low: float
    high: float
    token: str
    words: str
    ink: str = "text"


@dataclass(frozen=True)
class Steps:
    """How a stock came from its beginning to its end: pillars joined by dashes."""

    steps: tuple[Step, ...]
    joined: bool = True


@dataclass(frozen=True)
class Part:
    """One part of ``Parts``."""

    value: float
    token: str


@dataclass(frozen=True)
class Parts:
    """A whole as one lying bar."""

    parts: tuple[Part, ...]


Spec = Bars | Line | Steps | Parts
