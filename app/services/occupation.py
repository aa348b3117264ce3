"""Guessing the occupation of a posting from its title, to the middle class of the 2022 occupation list.

Words with weights (``resources/codes/occ_words.json``) vote; the longest word at a place counts, the first part of the
title counts most, and a word at a part's end counts more: a Chinese title names its trade last. Only where the title
says nothing do the duties vote. How well this does is measured in ``docs/occupation-guess.md``.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from app import paths

_BRACKETS = re.compile(r"[（(【\[《<][^）)】\]》>]*[）)】\]》>]?")
_PARTS = re.compile(r"[/、,，+|丨;；&~—\s]+|--+")
_RANKS = re.compile(r"(?:实习生|专员|人员|主管|经理|总监|助理|代表|实习|岗|员|兼职|全职|人|储备|[a-z]?\d{4,})+$")
_TAIL = 1.3
_LATER = 0.45
_BRACKETED = 0.35
_DUTY = 0.3
_DUTY_CHARS = 160
_SOLID = 6.0


@dataclass(frozen=True)
class OccupationGuess:
    """A middle class (``4-12``) with how sure it is (0 to 1) and the words it rests on; no code where nothing spoke."""

    code: str | None
    confidence: float
    basis: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Words:
    by_word: Mapping[str, tuple[tuple[str, float], ...]]
    lengths: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class _Hit:
    word: str
    start: int
    end: int
    votes: tuple[tuple[str, float], ...]


def guess_occupation(title: str, duty: str = "", industry: str = "") -> OccupationGuess:
    """Guess the middle class of a posting; the same words always give the same guess.

    ``industry`` is a section letter (GB/T 4754): with it, property firms' service staff are told from call staff.
    """
    words = _words()
    votes: dict[str, float] = {}
    basis: list[str] = []
    plain = unicodedata.normalize("NFKC", title).lower()
    _vote_title(plain, words, votes, basis)
    if not votes and duty:
        for hit in _hits(duty[:_DUTY_CHARS].lower(), words):
            _count(hit, _DUTY, votes, basis)
    if not votes:
        return OccupationGuess(None, 0.0)
    if industry == "K" and "4-07" in votes and "物业" in plain:
        votes["4-06"] = votes.get("4-06", 0.0) + votes["4-07"]
    ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    best, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    return OccupationGuess(best, _confidence(score, second), tuple(dict.fromkeys(basis)))


def _confidence(score: float, second: float) -> float:
    """Return how sure a guess is: how far ahead it is, and how much spoke for it."""
    lead = (score - second) / score
    return round(min(0.97, (0.35 + 0.6 * lead) * min(1.0, 0.4 + 0.6 * score / _SOLID)), 2)


def _vote_title(plain: str, words: _Words, votes: dict[str, float], basis: list[str]) -> None:
    weight = 1.0
    for part in _PARTS.split(_BRACKETS.sub(" ", plain)):
        hits, stem = _read_part(part)
        for hit in hits:
            at_end = hit.end >= stem
            _count(hit, weight * (_TAIL if at_end else 1.0), votes, basis)
        if hits:
            weight = _LATER
    for bracket in _BRACKETS.findall(plain):
        for hit in _hits(bracket, words):
            _count(hit, _BRACKETED, votes, basis)


@lru_cache(maxsize=4096)
def _read_part(part: str) -> tuple[list[_Hit], int]:
    """Return the known words in one part of a title, and how long it is without its rank; parts recur."""
    return _hits(part, _words()), len(_RANKS.sub("", part))


def _count(hit: _Hit, factor: float, votes: dict[str, float], basis: list[str]) -> None:
    for code, weight in hit.votes:
        votes[code] = votes.get(code, 0.0) + weight * factor
    basis.append(hit.word)


def _hits(text: str, words: _Words) -> list[_Hit]:
    """Return the known words in a text, longest first at each place, none inside another."""
    found: list[_Hit] = []
    place, size = 0, len(text)
    lengths_at, by_word = words.lengths, words.by_word
    while place < size:
        for length in lengths_at.get(text[place], ()):
            votes = by_word.get(text[place : place + length])
            if votes is not None:
                found.append(_Hit(text[place : place + length], place, place + length, votes))
                place += length - 1
                break
        place += 1
    return found


@cache
def _words() -> _Words:
    raw = json.loads((paths.resources() / "codes" / "occ_words.json").read_text("utf-8"))
    by_word: dict[str, list[tuple[str, float]]] = {}
    for code, weights in raw["title"].items():
        for word, weight in weights.items():
            by_word.setdefault(word.lower(), []).append((code, float(weight)))
    lengths: dict[str, set[int]] = {}
    for word in by_word:
        lengths.setdefault(word[0], set()).add(len(word))
    return _Words(
        {word: tuple(votes) for word, votes in by_word.items()},
        {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()},
    )
