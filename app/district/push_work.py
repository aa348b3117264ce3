"""One push, from the bytes of its body to the text of its answer: in the server's own process or in a worker's."""

from collections.abc import Callable
from dataclasses import dataclass

from app.district.accounts import Caller, identify
from app.district.bell import News, Passes
from app.district.deps import malformed, unpacked
from app.district.push import Hearers, Received, nobody, take
from app.district.push_answers import outcomes_of
from app.district.reading import read_push
from app.district.rulings import concerns
from app.district.store import DistrictStore
from app.sync.protocol import MalformedError

FEW = 50
"""A push of no more operations than this is looked at on PostgreSQL before its sender is known: asking costs more."""


@dataclass(frozen=True)
class Parcel:
    """A push as it arrived. ``encoding``: how its body is packed. ``guess``: whose token it is, as far as is known."""

    token: str | None
    encoding: str
    body: bytes
    guess: Caller | None = None


@dataclass(frozen=True)
class Taken:
    """What was taken, and its answer as JSON. ``outcomes``: how many operations had which; ``concerned``: a ruling may
    follow. The others are those of ``push.Received``.
    """

    text: str
    count: int
    expect: int
    gap: bool
    outcomes: dict[str, int]
    concerned: bool
    caller: Caller | None
    news: News
    passes: Passes | None = None


def taken(done: Received, count: int, *, concerned: bool) -> Taken:
    """Return what is told of a batch of so many operations."""
    return Taken(
        text=f'{{"results":[{",".join(done.results)}],"expect":{done.expect}}}',
        count=count,
        expect=done.expect,
        gap=done.gap,
        outcomes=outcomes_of(done.results),
        concerned=concerned,
        caller=done.caller,
        news=done.news,
        passes=done.passes,
    )


def take_parcel(store: DistrictStore, parcel: Parcel, ready: Callable[[], None], hearers: Hearers = nobody) -> Taken:
    """Read a push and apply it in one transaction; ``ready`` and ``hearers`` are those of ``push.take``.

    Raises:
        ProblemError: the body, the caller, the epoch or the batch is wrong; nothing of it was applied.
    """
    try:
        epoch, ops, brief = read_push(unpacked(parcel.encoding, parcel.body))
    except MalformedError as problem:
        with store.read() as connection:
            identify(connection, parcel.token)
        raise malformed(problem) from None
    guess = parcel.guess or _who(store, parcel.token, len(ops))
    done = take(store, parcel.token, epoch, ops, brief=brief, guess=guess, hearers=hearers, ready=ready)
    return taken(done, len(ops), concerned=concerns(edit for op in ops for edit in op.edits))


def _who(store: DistrictStore, token: str | None, count: int) -> Caller | None:
    """Return whose token it is, where that is asked first.

    A stranger waits for no lock, and no large batch of his is looked at.

    Raises:
        ProblemError: 401, no such token or revoked.
    """
    if not store.sqlite and count <= FEW:
        return None
    with store.read() as connection:
        return identify(connection, token)
