"""How much our pages cost above a bare reportlab page with the same text, fonts and QR code.

    python -m bench.bench_printing

The bare page is the floor: reportlab's own ``drawString`` of the very strings that our slip shows, at the very
places, the same rules and the same two QR codes, nothing decided, measured or wrapped.
"""

import io
import statistics
from collections.abc import Callable
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

from app.printing import slip
from app.printing.fonts import BOLD, REGULAR, shipped_fonts
from app.printing.page import PAPERS, Sheet

Measured = tuple[str, float, float, str]
MANY = 500


def make_row(number: int) -> slip.SlipRow:
    """Return a fictional slip; numbers differ, and names and employers vary as on a real day."""
    surname, given = (
        "葛沈陆冯姚郑毛金钱顾周徐"[number % 12],
        "守成以安知夏巧云景行阿菊立根晓棠望舒念真"[number % 18 : number % 18 + 2],
    )
    return slip.SlipRow(
        slip_no=f"TJ330110261103-{number:04d}", name=surname + given, sex_label="男", phone=None,
        employer_name="杭州云禾物业服务有限公司", employer_unverified=number % 3 == 0,
        employer_address="仓前街道葛溪路 18 号", contact="许经理", employer_phone="0571-0000 0118",
        vacancy_title=("水电维修工", "分拣员", "客服文员")[number % 3], vacancy_no="GW330110261102-0112",
        interview_at=datetime(2026, 11, 26, 6, tzinfo=UTC), valid_until=date(2026, 12, 1), issued_on=date(2026, 11, 24),
        station_name="仓前街道溪桥社区就业服务站", station_phone="0571-0000 0200", handled_by="方静",
    )  # fmt: skip


class _Recorder(Sheet):
    """Our sheet, keeping what it was asked to draw."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def text(self, x: float, y: float, text: str, size: float, **style: Any) -> float:
        width = self.fonts.width(text, size, bold=style.get("bold", False))
        left = {"right": x - width, "centre": x - width / 2}.get(style.get("align", "left"), x)
        if text:
            self.calls.append(("text", (left, self.paper.height - y, text, size, style.get("bold", False))))
        return super().text(x, y, text, size, **style)

    def rule(self, x: float, y: float, to_x: float, **style: Any) -> None:
        self.calls.append(("line", (x, self.paper.height - y, to_x, self.paper.height - y)))
        super().rule(x, y, to_x, **style)

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        self.calls.append(("rect", (x, self.paper.height - y - height, width, height)))
        super().box(x, y, width, height, **style)

    def modules(self, x: float, y: float, side: float, matrix: Any) -> None:
        self.calls.append(("qr", (x, self.paper.height - y, side)))
        super().modules(x, y, side, matrix)


def record(row: slip.SlipRow) -> tuple[str, list[tuple[str, tuple[Any, ...]]]]:
    """Return what our slip draws: the list that the bare page will draw."""
    from reportlab.pdfgen.canvas import Canvas

    sheet = _Recorder(PAPERS["A4"], shipped_fonts(), Canvas(io.BytesIO())._doc)
    slip._draw_slip(sheet, row=row, layout=slip.LAYOUTS["A4"])
    return row.slip_no, sheet.calls


def bare(pages: list[tuple[str, list[tuple[str, tuple[Any, ...]]]]]) -> bytes:
    """Draw the recorded pages with reportlab alone."""
    import segno
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas: Any = Canvas(buffer, pagesize=(PAPERS["A4"].width, PAPERS["A4"].height), pageCompression=1, invariant=1)
    for number, calls in pages:
        matrix = segno.make_qr(slip.slip_payload(number), error="m").matrix
        for kind, given in calls:
            if kind == "text":
                x, y, text, size, bold = given
                canvas.setFont("bare-bold" if bold else "bare", size)
                canvas.drawString(x, y, text)
            elif kind == "line":
                canvas.line(*given)
            elif kind == "rect":
                canvas.rect(*given)
            else:
                _bare_qr(canvas, matrix, *given)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _bare_qr(canvas: Any, matrix: Any, x: float, top: float, side: float) -> None:
    """Draw the dark modules, runs joined, as one path."""
    step, path = side / len(matrix), canvas.beginPath()
    for i, cells in enumerate(matrix):
        column = 0
        while column < len(cells):
            start = column
            while column < len(cells) and cells[column]:
                column += 1
            if column > start:
                path.rect(x + start * step, top - (i + 1) * step, (column - start) * step, step)
            column += column == start
    canvas.drawPath(path, stroke=0, fill=1)


def _seconds(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def _alternate(ours: Callable[[], object], floor: Callable[[], object], times: int) -> tuple[float, float]:
    """Return both medians, measured in turn so that a busy machine slows both alike."""
    pairs = [(_seconds(ours), _seconds(floor)) for _i in range(times)]
    return statistics.median(a for a, _b in pairs), statistics.median(b for _a, b in pairs)


def run() -> list[Measured]:
    """Return name, ratio, limit and detail of each claim."""
    from reportlab.pdfbase import pdfmetrics, ttfonts

    from app import paths

    for name, file in (("bare", REGULAR), ("bare-bold", BOLD)):
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(paths.resources() / "fonts" / file)))
    one, many = make_row(7), [make_row(i) for i in range(MANY)]
    recorded_one, recorded_many = [record(one)], [record(row) for row in many]
    slip.render_slips([one], paper="A4")
    bare(recorded_one)
    ours, floor = _alternate(lambda: slip.render_slips([one], paper="A4"), lambda: bare(recorded_one), 15)
    found: list[Measured] = [("one slip, warm", ours / floor, 1.5, f"{ours * 1000:.1f} ms, bare {floor * 1000:.1f} ms")]
    ours, floor = _alternate(lambda: slip.render_slips(many, paper="A4"), lambda: bare(recorded_many), 3)
    found.append((f"{MANY} slips in one file", ours / floor, 1.3, f"{ours:.2f} s, bare {floor:.2f} s"))
    return found


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f} x (limit {limit}) {detail}{'' if ratio <= limit else '  TOO SLOW'}")
