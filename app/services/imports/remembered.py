"""The column map that somebody confirmed for files with certain headings: offered again with the next such file."""

from app import clock
from app.db.database import Transaction
from app.models.operation import ImportMap
from app.services.imports.columns import ColumnMap
from app.services.imports.targets import targets_of


def find_map(tx: Transaction, guessed: ColumnMap) -> ColumnMap | None:
    """Return what was confirmed for these headings; None when there is nothing, or it no longer fits."""
    row = tx.session.get(ImportMap, guessed.signature)
    if row is None or row.kind != guessed.kind:
        return None
    targets = tuple(str(name) for name in row.columns.get("targets", ()))
    known = {target.name for target in targets_of(guessed.kind)} | {""}
    if len(targets) != len(guessed.headings) or not set(targets) <= known:
        return None
    return ColumnMap(guessed.kind, guessed.headings, targets)


def save_map(tx: Transaction, confirmed: ColumnMap) -> None:
    """Remember a confirmed map under its headings; a later one takes its place."""
    row = tx.session.get(ImportMap, confirmed.signature)
    columns = {"headings": list(confirmed.headings), "targets": list(confirmed.targets)}
    if row is None:
        tx.session.add(
            ImportMap(signature=confirmed.signature, kind=confirmed.kind, columns=columns, saved_at=clock.now())
        )
    else:
        row.columns, row.saved_at = columns, clock.now()
