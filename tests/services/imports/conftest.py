"""Small fictional files, and the writing of a batch as the command does it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from app.db.database import Actor, Database
from app.services.imports.job import WriteBatch
from app.services.imports.report import RowOutcome
from app.services.imports.rows import ReadRow
from app.services.imports.writing import import_batch

HEADINGS = ("岗位名称", "单位名称", "薪资", "岗位描述", "地区", "学历", "人数", "发布日期")
POSTINGS = (
    (
        "水电维修工",
        "杭州云禾物业服务有限公司",
        "5-6千/月",
        "工作职责：小区水电维修。任职要求：1、持证上岗，45岁以下。",
        "杭州-余杭区",
        "初中",
        "2人",
        "11-02",
    ),
    ("收银员", "溪桥便民超市", "150元/天", "收银，理货", "杭州-余杭区", "学历不限", "若干", "2026-11-01"),
)
Sheet = Callable[..., Path]


@pytest.fixture
def workbook(tmp_path: Path) -> Sheet:
    """Return a maker of workbooks: rows with their headings first, one sheet or several."""

    def make(
        rows: Sequence[Sequence[object]], name: str = "postings.xlsx", **sheets: Sequence[Sequence[object]]
    ) -> Path:
        book = openpyxl.Workbook()
        first = book.active
        assert first is not None
        for row in rows:
            first.append(list(row))
        for title, others in sheets.items():
            sheet = book.create_sheet(title)
            for row in others:
                sheet.append(list(row))
        path = tmp_path / name
        book.save(path)
        return path

    return make


@pytest.fixture
def postings(workbook: Sheet) -> Path:
    """Return a workbook of two fictional postings."""
    return workbook([HEADINGS, *POSTINGS])


@pytest.fixture
def writer(database: Database, actor: Actor) -> Callable[[str], WriteBatch]:
    """Return what opens one transaction for each batch of a kind, as the command does."""

    def of(kind: str) -> WriteBatch:
        def write(rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
            with database.write(actor) as tx:
                return import_batch(tx, kind, rows)

        return write

    return of
