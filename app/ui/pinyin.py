"""Finding a command by its words, its full pinyin, or its initials."""

from functools import cache


def matches(typed: str, words: str) -> bool:
    """Tell whether what was typed finds these words; nothing typed finds all."""
    wanted = typed.replace(" ", "").lower()
    if not wanted or wanted in words.replace(" ", "").lower():
        return True
    if not wanted.isascii():
        return False
    full, initials = _readings(words)
    return wanted in initials or full.startswith(wanted) or f" {wanted}" in full or wanted in full.replace(" ", "")


@cache
def _readings(words: str) -> tuple[str, str]:
    """Return the full pinyin and the initials; the table is loaded at the first Latin letter typed."""
    from pypinyin import Style, lazy_pinyin

    syllables = [syllable.lower() for syllable in lazy_pinyin(words, style=Style.NORMAL)]
    return " ".join(syllables), "".join(syllable[0] for syllable in syllables if syllable)
