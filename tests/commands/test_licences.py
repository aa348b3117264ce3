"""``doorstep licences``: the list, the whole texts, and one sentence where they are missing."""

from pathlib import Path

import pytest

from app.services import licences
from app.services.licences import list_components
from tests.commands.conftest import Run


def test_the_command_prints_the_list_and_the_whole_texts(run: Run) -> None:
    listed, whole, none = run("licences"), run("licences", "SQLCipher", "--full"), run("licences", "nothing-like-it")

    assert all(each.name in listed.out for each in list_components())
    assert "Apache-2.0" in listed.out.splitlines()[0]
    assert "ZETETIC LLC" in whole.out
    assert (listed.status, whole.status, none.status) == (0, 0, 1)
    assert "nothing-like-it" in none.out


def test_a_list_that_is_missing_is_told_in_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_components.cache_clear()
    monkeypatch.setattr(licences, "_folder", lambda: tmp_path)

    done = run("licences")

    list_components.cache_clear()
    assert done.status == 1
    assert done.err.strip() == "doorstep: 许可清单不在，程序可能没有装完整。数据不受影响，请重新安装"
