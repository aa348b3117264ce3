"""``licences``: what the program carries of others, and under which licences."""

import argparse

from app.services.licences import OWN, list_components, whole_text
from app.texts import _


def run_licences(options: argparse.Namespace) -> int:
    """Print the list; with ``--full`` each licence's whole text too. A word narrows it."""
    found = [each for each in list_components() if each.matches(options.word)]
    if not options.word:
        print(_("家门口按 {licence} 许可。下面是它带着的别人的东西，{n} 项：", licence=OWN, n=len(found)))
    for each in found:
        print(f"{each.name}\t{each.version}\t{each.licence}")
        if each.note:
            print(f"    {each.note}")
        if options.full:
            print(f"\n{whole_text(each)}\n{'=' * 78}")
    if not found:
        print(_("没有叫“{word}”的", word=options.word))
        return 1
    return 0
