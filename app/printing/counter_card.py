"""The card beside the screen: the keys, and what to do when something does not go, on one A4 page.

It is read at arm's length by somebody with a resident before her: large type, short steps, no small print.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.errors import PrintError
from app.printing.flow import Blank, Block, Group, Label, Line, Space, Stack, draw_line, draw_stack, lay_out
from app.printing.fonts import FontSet, printable_row, shipped_fonts
from app.printing.page import MM, PAPERS, Sheet, Title, render
from app.texts import N_, _, in_language

MARGIN, GUTTER = 13 * MM, 5 * MM
KEY_COLUMNS, KEY_PITCH, CAP, KEY_SIZE = 3, 8.9 * MM, 6.6 * MM, 12.5
HEAD, KEYS_TOP, FOOT = 26 * MM, 31 * MM, 35 * MM
BAND, PAD, NUMBER = 8.4 * MM, 3.2 * MM, 6 * MM
LARGEST, SMALLEST, LEADING, LEAST = 12.5, 9.5, 1.42, 8.0

Cap = tuple[str, str]
"""What stands on the key, and what it does."""


@dataclass(frozen=True)
class CardRow:
    """What the card shows besides its own words. An empty phone leaves a rule to write on."""

    keys: tuple[Cap, ...]
    station_name: str = ""
    station_code: str = ""
    window: str = ""
    station_phone: str = ""
    district_phone: str = ""
    lock_minutes: int = 5
    language: str = "zh_CN"


@dataclass(frozen=True)
class _Trouble:
    title: str
    steps: tuple[str, ...]


TROUBLES = (
    _Trouble(
        N_("断网了"),
        (
            N_("照常登记、匹配、开推荐信，打印也照常。都存在本机，网通了自己送。"),
            N_("同站互通：进“同步”，一台点“给旁边的窗口用”，那台点“找旁边的窗口”。"),
            N_("断了几天：点“写给区里”存到 U 盘，送到区里；带回来的回执点“读 U 盘”。"),
        ),
    ),
    _Trouble(
        N_("打印机卡纸、不出纸"),
        (
            N_("推荐信已经登账，编号不会变。不要再开一封。"),
            N_("关掉打印机，取出卡住的纸，看看电源、纸和线，再打开。"),
            N_("还在那一屏再打一次，问原因就照实写。不行就按 Ctrl+S 存 PDF，到别的电脑上打。"),
        ),
    ),
    _Trouble(
        N_("右上角说“要你处理”"),
        (
            N_("点它进“同步”，看区里为什么退回。资料都在，没有丢。"),
            N_("照着改那一栏，再送一次；两边不一样的，选对的那个。"),
            N_("拿不准，按“转站长”，附一句话。"),
        ),
    ),
    _Trouble(
        N_("屏幕锁了，忘了 PIN"),
        (
            N_("{minutes} 分钟没人动就锁上，没填完的都在。选自己，输 PIN，接着办。"),
            N_("离开座位先按 F12。各用各的 PIN。"),
            N_("忘了：点“忘了 PIN”，请站长来换。站长也忘了，用恢复密钥。"),
        ),
    ),
    _Trouble(
        N_("停电、死机、电脑丢了"),
        (
            N_("重新打开就行：存过的都在，没填完的是 2 秒前的样子。"),
            N_("停电时用空白的求职登记表记，来电后补录，日期写当天的。"),
            N_("电脑丢了，马上打区里的电话停用它，再报站长。"),
        ),
    ),
    _Trouble(
        N_("恢复密钥"),
        (
            N_("锁在站长的柜子里。不拍照，不放在电脑旁边。"),
            N_("没有 PIN 又没有它，谁也打不开档案，区里也不行。"),
            N_("见过它的人多了，或者丢了：请站长换一把新的。"),
        ),
    ),
)
TITLE, KEYS_TITLE = N_("窗口一页卡"), N_("常用的键")
SAY = N_("打电话时说站点编码、几号窗口和屏幕上的代号。不说 PIN 和恢复密钥，不报居民的姓名和证件号。")
STATION_PHONE, DISTRICT_PHONE, STATION_CODE, WINDOW = N_("本站电话"), N_("区里电话"), N_("站点编码"), N_("窗口")


def render_counter_card(row: CardRow, *, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of the card on A4. The same row gives the same bytes.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    fonts = fonts or shipped_fonts()
    shown = printable_row(row)
    fonts.require(value for value in shown.__dict__.values() if isinstance(value, str))
    fonts.require(text for key in shown.keys for text in key)
    title = Title(in_language(TITLE, row.language), "Doorstep", shown.station_name or "Doorstep")
    return render(PAPERS["A4"], title, [partial(_draw, row=shown)], fonts)


def _draw(sheet: Sheet, row: CardRow) -> None:
    left, right = MARGIN, sheet.paper.width - MARGIN
    _head(sheet, row, left, right)
    below = _keys(sheet, row, left, right)
    foot = sheet.paper.height - FOOT
    tall = (foot - below - 3 * GUTTER) / 3
    wide = (right - left - GUTTER) / 2
    size, steps = _set_steps(sheet, row, width=wide, height=tall)
    for place, trouble in enumerate(TROUBLES):
        corner = (left + (place % 2) * (wide + GUTTER), below + (place // 2) * (tall + GUTTER))
        title = in_language(trouble.title, row.language)
        _trouble(sheet, title, steps[place], box=(*corner, wide, tall), size=size)
    _foot(sheet, row, left, right)


def _head(sheet: Sheet, row: CardRow, left: float, right: float) -> None:
    base = 21 * MM
    width = sheet.text(left, base, in_language(TITLE, row.language), 26, bold=True, spacing=2)
    size = _fitted(sheet, row.station_name, 13, width=right - left - width - GUTTER, bold=True)
    sheet.text(right, base, row.station_name, size, bold=True, align="right")
    sheet.rule(left, HEAD - 1.5 * MM, right, thick=1.6, grey=0.0)


def _keys(sheet: Sheet, row: CardRow, left: float, right: float) -> float:
    """Draw the keys by columns and return where they end."""
    sheet.text(left, KEYS_TOP + 1.5 * MM, in_language(KEYS_TITLE, row.language), 13, bold=True)
    top = KEYS_TOP + 5 * MM
    rows = -(-len(row.keys) // KEY_COLUMNS)
    wide = (right - left) / KEY_COLUMNS
    cap = max(sheet.fonts.width(key, KEY_SIZE, bold=True) for key, _does in row.keys) + 4 * MM
    for place, (key, does) in enumerate(row.keys):
        x, y = left + (place // rows) * wide, top + (place % rows) * KEY_PITCH
        sheet.tint(x, y, cap, CAP, grey=0.93)
        sheet.box(x, y, cap, CAP, thick=0.8, grey=0.25)
        sheet.rule(x, y + CAP, x + cap, thick=2.0, grey=0.25)
        sheet.text(x + cap / 2, y + CAP / 2 + KEY_SIZE * 0.36, key, KEY_SIZE, bold=True, align="centre")
        size = _fitted(sheet, does, KEY_SIZE, width=wide - cap - 3.5 * MM, bold=False)
        sheet.text(x + cap + 2.5 * MM, y + CAP / 2 + size * 0.36, does, size)
    return top + rows * KEY_PITCH + 2 * MM


def _trouble(
    sheet: Sheet, title: str, steps: Sequence[Sequence[Line]], *, box: tuple[float, float, float, float], size: float
) -> None:
    """Draw one box: its steps at the common size and line distance, the room that is left between the steps."""
    x, y, width, height = box
    sheet.tint(x, y, width, BAND, grey=0.9)
    sheet.box(x, y, width, height, thick=0.9, grey=0.2)
    big = _fitted(sheet, title, 14, width=width - 2 * PAD, bold=True)
    sheet.text(x + PAD, y + BAND / 2 + big * 0.36, title, big, bold=True)
    pitch = size * LEADING
    room = height - BAND - pitch * sum(len(lines) for lines in steps)
    gap = min(room / (len(steps) + 1), size)
    top = y + BAND + (room - gap * (len(steps) - 1)) / 2
    for place, lines in enumerate(steps, 1):
        sheet.text(x + PAD, top + pitch / 2 + size * 0.36, str(place), size + 1, bold=True)
        for line in lines:
            draw_line(sheet, line, x + PAD + NUMBER, top + pitch / 2 + size * 0.36, size)
            top += pitch
        top += gap


def _set_steps(sheet: Sheet, row: CardRow, *, width: float, height: float) -> tuple[float, list[list[list[Line]]]]:
    """Break every box's steps at the largest size at which all of them fit; return the size and their lines.

    Raises:
        PrintError: they do not fit at a size that is read at arm's length.
    """
    size = LARGEST
    while size >= SMALLEST:
        steps = [[_lines(sheet, row, step, size=size, width=width) for step in each.steps] for each in TROUBLES]
        most = max(sum(len(lines) for lines in box) for box in steps)
        if BAND + (most * LEADING + 1.0) * size <= height:
            return size, steps
        size -= 0.25
    raise PrintError(_("内容太长，这张纸放不下，没有打印。"), code="print.too_long")


def _lines(sheet: Sheet, row: CardRow, step: str, *, size: float, width: float) -> list[Line]:
    words = in_language(step, row.language)
    if "{minutes}" in words:
        words = words.format(minutes=row.lock_minutes)
    lines = lay_out(Block.of(Group.of(Label(words))), sheet.fonts, size, width - 2 * PAD - NUMBER)
    return [[replace(part, text=part.text.lstrip()) for part in line] for line in lines]


def _fitted(sheet: Sheet, text: str, size: float, *, width: float, bold: bool) -> float:
    """Return the size at which a line fits, down to one that can still be read."""
    while size > LEAST and sheet.fonts.width(text, size, bold=bold) > width:
        size -= 0.25
    return size


def _foot(sheet: Sheet, row: CardRow, left: float, right: float) -> None:
    top = sheet.paper.height - FOOT
    sheet.box(left, top, right - left, FOOT - MARGIN, thick=1.6, grey=0.0)
    say = partial(in_language, language=row.language)
    lines = (
        Block.of(
            _fact(say(STATION_PHONE), row.station_phone, 9),
            _fact(say(DISTRICT_PHONE), row.district_phone, 9),
        ),
        Block.of(_fact(say(STATION_CODE), row.station_code, 9), _fact(say(WINDOW), row.window, 6), scale=0.85),
        Block.of(Group.of(Label(say(SAY))), scale=0.76),
    )
    pad = 4 * MM
    height = FOOT - MARGIN - 2 * MM
    stack = Stack(14, floor=8.5, loosest=1.7)
    draw_stack(sheet, lines, stack, x=left + pad, y=top + 1 * MM, width=right - left - 2 * pad, height=height)


def _fact(label: str, value: str, blank: float) -> Group:
    shown = Label(value, bold=True) if value else Blank(blank)
    return Group.of(Label(label), Space(0.5), shown, Space(1.0))
