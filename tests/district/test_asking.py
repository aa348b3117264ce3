"""Rows reach PostgreSQL as they are, whatever is in their texts, and what fails there is raised as ever."""

import pytest
import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.asking import writing
from app.district.store import DistrictStore
from app.models.district import DistrictFact, FeedHead
from tests import postgres

TEXTS = [
    "plain",
    "",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "{a,b}",
    "a\tb\nc\rd",
    "\x1f",
    "a\x1f\x1fb",
    "沈以安 😀",
    "'",
    " x ",
    "%s",
]


@pytest.fixture(scope="module")
def store():
    with postgres.running() as server, postgres.fresh_database(server) as url:
        made = DistrictStore(url)
        made.prepare()
        yield made
        made.close()


@pytest.mark.parametrize("texts", [TEXTS, [t for t in TEXTS if "\x1f" not in t], ["one"]], ids=["all", "clean", "one"])
def test_texts_are_kept_as_they_are(store, texts):
    table = table_of(DistrictFact)
    rows = [(f"k{n}", text) for n, text in enumerate(texts)]

    with store.write() as connection:
        connection.execute(sa.delete(table).where(table.c.key.like("k%")))
        with writing(connection) as out:
            out.insert(DistrictFact, ("key", "value"), rows)
    with store.read() as connection:
        kept = {row.key: row.value for row in connection.execute(sa.select(table).where(table.c.key.like("k%")))}

    assert kept == dict(rows)


def test_what_is_there_is_replaced(store):
    with store.write() as connection, writing(connection) as out:
        out.insert(FeedHead, ("feed", "head"), [("station/1", 1), ("station/2", 2)])
        out.insert(FeedHead, ("feed", "head"), [("station/2", 5)], replace=True)

    with store.read() as connection:
        assert [tuple(row) for row in connection.execute(sa.select(table_of(FeedHead)))] == [
            ("station/1", 1),
            ("station/2", 5),
        ]


def test_a_row_that_is_there_already_fails_as_ever_and_nothing_is_kept(store):
    def twice():
        with store.write() as connection, writing(connection) as out:
            out.insert(DistrictFact, ("key", "value"), [("fresh", "1")])
            out.insert(DistrictFact, ("key", "value"), [("epoch", "1")])

    with pytest.raises(sa.exc.IntegrityError):
        twice()

    with store.read() as connection:
        table = table_of(DistrictFact)
        assert connection.execute(sa.select(table).where(table.c.key == "fresh")).first() is None
