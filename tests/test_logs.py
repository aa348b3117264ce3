"""The log holds no personal data."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import logs
from app.errors import UserError

ID_NUMBER = "330110197904259968"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    yield logs.set_up(tmp_path / "logs")
    logs.stop()


def test_numbers_in_a_message_are_masked(written: Path) -> None:
    logging.getLogger("app.test").warning("card %s, phone %s", ID_NUMBER, "19900000003")

    text = written.read_text("utf-8")
    assert ID_NUMBER not in text
    assert "19900000003" not in text
    assert "app.test" in text


def test_of_an_exception_the_text_is_left_out(written: Path, expect_errors: None) -> None:
    try:
        try:
            raise KeyError("冯巧云")
        except KeyError as cause:
            raise UserError("冯巧云已登记", code="test.twice") from cause
    except UserError:
        logging.getLogger("app.test").exception("a task failed")

    text = written.read_text("utf-8")
    assert "冯巧云" not in text
    assert "test.twice" in text
    assert "KeyError" in text
    assert "test_logs.py" in text


def test_a_second_set_up_replaces_the_first(written: Path, tmp_path: Path) -> None:
    other = logs.set_up(tmp_path / "other")

    logging.getLogger("app.test").info("here")

    assert "here" in other.read_text("utf-8")
    assert not written.exists() or "here" not in written.read_text("utf-8")
