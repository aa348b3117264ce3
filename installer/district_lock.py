"""Write ``installer/requirements-district.lock``: of requirements.lock, what a server without a screen needs.

    python installer/district_lock.py          writes it anew, after requirements.lock has changed

The modules that ``app.district`` can reach decide; tests/docs/test_district_lock.py fails when the file is stale.
"""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import grimp
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "installer" / "requirements-district.lock"


def needed() -> set[str]:
    """Return the distributions that the district's modules import, with all that those depend on."""
    graph = grimp.build_graph("app", include_external_packages=True)
    modules = {name for name in graph.find_upstream_modules("app.district", as_package=True) if "." not in name}
    owners = metadata.packages_distributions()
    imported = {canonicalize_name(owner) for module in modules for owner in owners.get(module, ())}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    waiting = [asked for asked in map(Requirement, project) if canonicalize_name(asked.name) in imported]
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        found.add(name)
        for extra in ("", *asked.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            below = map(Requirement, metadata.requires(name) or ())
            waiting += [each for each in below if each.marker is None or each.marker.evaluate({"extra": extra})]
    return found


def compose() -> str:
    """Return the content of the file."""
    whole = (ROOT / "requirements.lock").read_text("utf-8").strip()
    names = needed()
    kept = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", whole):
        name = canonicalize_name(re.split(r"[=\[; ]", block, maxsplit=1)[0])
        if name in names:
            kept.append(re.sub(r"\n    #.*", "", block))
    head = "# Of requirements.lock, what the district server needs. Written by installer/district_lock.py; do not edit."
    return "\n".join([head, *kept]) + "\n"


if __name__ == "__main__":
    LOCK.write_text(compose(), "utf-8")
