"""Every part in one window: for pictures, for tests, and for those who build screens."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.dialogs import ErrorCard, IrrevocableDialog, ProgressCard, RevealDialog
from app.ui.forms import ChoiceField, Field, FormGrid, IdField, MultiChoiceField, PhoneField, TextField
from app.ui.table import Column, RecordTable
from app.ui.toast import Toast
from app.ui.widgets import (
    Avatar,
    BannerLine,
    Button,
    Card,
    CheckBox,
    Chip,
    Choice,
    DistanceBar,
    EmptyState,
    KeyBar,
    MarkTile,
    Ring,
    SearchField,
    SegmentedFilter,
    SkeletonRows,
    Tabs,
    Text,
    TimelineEntry,
    TimelineView,
    distance_circle,
    distance_words,
    paint,
    part,
    row_of,
)


class Gallery(QWidget):
    """The parts as in the picture ``14-parts``: three columns and a key bar."""

    def __init__(self) -> None:
        super().__init__()
        part(self, "bg")
        self.setAccessibleName("parts")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        columns = QHBoxLayout()
        columns.setContentsMargins(24, 16, 24, 8)
        columns.setSpacing(theme.SPACE[6])
        for make in (self._first, self._second, self._third):
            column = QVBoxLayout()
            column.setSpacing(6)
            make(column)
            column.addStretch(1)
            columns.addLayout(column, 1)
        outer.addLayout(columns, 1)
        outer.addWidget(KeyBar([(("↑", "↓"), "选待办"), ("Enter", "办理"), ("F9", "保存"), ("Esc", "先放一放")]))

    def _head(self, column: QVBoxLayout, words: str) -> None:
        column.addSpacing(4)
        column.addWidget(Text(words, "secondary", "text2", bold=True))

    def _first(self, column: QVBoxLayout) -> None:
        self._head(column, "按钮：一屏只有一个实心")
        self.save = Button("保存", "filled", "F9", "check")
        column.addWidget(row_of([self.save, Button("打印", key="Ctrl P", icon="printer"), Button("打开档案", "soft")]))
        self.focused, off = Button("得到焦点"), Button("不可用")
        off.setEnabled(False)
        column.addWidget(row_of([Button("看同步", "text"), Button("作废", "danger"), self.focused, off]))
        self._head(column, "状态：有颜色必有字")
        states = (("留意", "blue"), ("三天内", "yellow"), ("今天到期", "orange"), ("已逾期", "red"))
        column.addWidget(row_of([Chip(words, tone, dot=True) for words, tone in states]))
        locked, waiting = Chip("已封账", "neutral", "lock"), Chip("待送区里", "yellow", "cloud-off")
        column.addWidget(row_of([Chip("录用", "good"), waiting, locked]))
        self._head(column, "输入框")
        usual, wrong = TextField("平时", required=True), PhoneField("有错", required=True)
        usual.set_value("溪桥苑 3 幢")
        wrong.set_value("1990000004")
        wrong.validate()
        derived, fixed = TextField("由证件号带出，不用填"), TextField("不能改")
        derived.set_value("女")
        derived.set_derived(True)
        fixed.set_value("330421")
        fixed.editor.setEnabled(False)
        self.shifts = MultiChoiceField("多选，按数字勾", [("1", "长白班"), ("2", "早班"), ("3", "中班")])
        self.shifts.set_value(("1",))
        fields: list[Field] = [usual, wrong, derived, fixed, self.shifts]
        for field in fields:
            column.addWidget(field)
        column.addWidget(row_of([CheckBox("性别"), Avatar("葛"), Ring(0.89, "89"), DistanceBar(1100)]))
        marks = [MarkTile(mark, "工种") for mark in ("full", "partly", "none", "skipped")]
        column.addWidget(row_of([*marks, Chip("长白班", "neutral")]))

    def _second(self, column: QVBoxLayout) -> None:
        self._head(column, "查找和筛选")
        column.addWidget(SearchField("查人：姓名、拼音首字母、身份证后四位", "F3"))
        choices = [Choice("all", "全部", 18), Choice("late", "已逾期", 3, "red"), Choice("today", "今天", 5, "orange")]
        column.addWidget(SegmentedFilter(choices, name="待办"))
        column.addWidget(Tabs([Choice("a", "全部经过", 23), Choice("b", "推荐", 3), Choice("c", "培训")], name="档案"))
        self._head(column, "没有内容时")
        empty = Card(padding=0)
        empty.body.addWidget(
            EmptyState("今天的待办都办完了", "可以看看三天内到期的 6 件。", "看三天内", icon="calendar-check")
        )
        column.addWidget(empty)
        self._head(column, "超过 0.3 秒才出骨架，超过 2 秒出进度")
        loading, skeleton = Card(padding=12), SkeletonRows(3)
        skeleton.show_now()
        loading.body.addWidget(skeleton)
        column.addWidget(loading)
        progress = ProgressCard("正在导入岗位")
        progress.set_progress(3210, 5000, note="已跳过 12 行", seconds_left=20)
        column.addWidget(progress)
        banner = BannerLine("cloud-off", "已离线 3 天", "登记、匹配、打印照常办。")
        banner.add(Button("看同步", "text"))
        column.addWidget(banner)

    def _third(self, column: QVBoxLayout) -> None:
        self._head(column, "能撤销就不问：提示停 8 秒")
        column.addWidget(Toast("已把顾念真推迟到 11 月 27 日", lambda: None))
        self._head(column, "不能撤销才问，写清后果，默认落在“不”")
        reasons = [("1", "打印卡纸"), ("2", "写错了"), ("3", "本人不去了")]
        text = "编号不再用，台账留一行“作废”。这一步不能撤销。"
        ask = IrrevocableDialog(self, "作废推荐信 0007？", text, reasons, verb="作废")
        ask.reason.set_value("1")
        column.addWidget(_in_place(ask))
        self._head(column, "看被遮住的内容")
        reveal = RevealDialog(self, "证件号", [("1", "核对证件"), ("2", "填表要用"), ("3", "打电话")])
        reveal.reasons.set_code("1")
        reveal.yes.setEnabled(True)
        column.addWidget(_in_place(reveal))
        self._head(column, "出错：发生了什么，怎么办")
        words = "推荐信 0007 已登账，没有出纸。看看电源和纸，再打一次；编号不会变。"
        column.addWidget(ErrorCard("打印机没有响应", words, "再打一次", other="换打印机", code="P-102"))


def _in_place(dialog: QDialog) -> QDialog:
    """Let a dialog stand in the window instead of over it."""
    dialog.setWindowFlags(Qt.WindowType.Widget)
    return dialog


@dataclass(frozen=True)
class _Hit:
    title: str
    employer: str
    remark: str
    pay: str
    score: int
    metres: int
    marks: tuple[str, ...]


_HITS = (
    _Hit(
        "水电维修工",
        "杭州云禾物业服务有限公司",
        "差低压电工作业证，12 月 3 日有取证班",
        "4500–5500",
        89,
        1100,
        ("partly", "full", "full"),
    ),
    _Hit(
        "公寓综合维修",
        "杭州栖里公寓管理有限公司",
        "每周一次值班到 22 点",
        "4800–6000",
        85,
        2400,
        ("full", "partly", "full"),
    ),
    _Hit(
        "仓库收货员",
        "杭州溪桥智能仓储有限公司",
        "工种和意向不同，其余都合",
        "4600–5200",
        65,
        2800,
        ("none", "full", "skipped"),
    ),
)


def _paint_score(painter: QPainter, look: theme.Theme, box: QRectF, row: _Hit, *, selected: bool) -> None:
    side = look.px(44)
    ring = QRectF(box.center().x() - side / 2, box.center().y() - side / 2, side, side)
    fill, track = look.color("accent" if row.score >= 75 else "field"), look.color("line2" if selected else "track")
    paint.ring(painter, ring, row.score / 100, fill, track, look.px(4))
    paint.text(painter, ring, str(row.score), look.font("row"), look.color("text"), paint.CENTER)


def _paint_way(painter: QPainter, look: theme.Theme, box: QRectF, row: _Hit, *, selected: bool) -> None:
    words = QRectF(box.left(), box.top() + look.px(8), box.width(), look.px(22))
    paint.text(
        painter, words, f"{row.metres / 1000:.1f} 公里 {distance_circle(row.metres)}", look.font(), look.color("text")
    )
    paint.distance(
        painter, look, QRectF(box.left(), words.bottom(), box.width(), look.px(14)), row.metres, selected=selected
    )


def _paint_marks(painter: QPainter, look: theme.Theme, box: QRectF, row: _Hit, *, selected: bool) -> None:
    side = look.px(24)
    for at, kind in enumerate(row.marks):
        tile = QRectF(box.left() + at * look.px(43), box.center().y() - side / 2, side, side)
        paint.mark(painter, look, tile, kind, selected=selected)


HIT_COLUMNS: tuple[Column[_Hit], ...] = (
    Column("得分", lambda hit: f"{hit.score} 分", width=104, align="center", paint=_paint_score),
    Column(
        "岗位", lambda hit: hit.title, width=240, stretch=1, bold=True, second=lambda hit: hit.employer,
        third=lambda hit: hit.remark, third_tone=lambda _hit: "orange",
    ),
    Column("月薪", lambda hit: hit.pay, width=120, bold=True, second=lambda _hit: "缺 1 人"),
    Column("路程", lambda hit: distance_words(hit.metres), width=150, paint=_paint_way),
    Column("工种、技能、距离", lambda hit: "、".join(hit.marks), width=150, paint=_paint_marks, sortable=False),
)  # fmt: skip


class ListGallery(QWidget):
    """The lists: matches, a plain table, a timeline, a form."""

    def __init__(self) -> None:
        super().__init__()
        part(self, "surface")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 16)
        outer.setSpacing(theme.SPACE[5])
        left, right = QVBoxLayout(), QVBoxLayout()
        self.hits = RecordTable(
            HIT_COLUMNS, name="匹配", row_height=theme.HEIGHT["match"], checkable=True, key=lambda hit: hit.title
        )
        self.hits.set_rows(_HITS)
        self.hits.select_first()
        self.hits.set_checked(["水电维修工"])
        plain: RecordTable[_Hit] = RecordTable(
            (
                Column("序", lambda hit: str(_HITS.index(hit) + 1), width=40, align="right"),
                Column("岗位", lambda hit: hit.title, width=120, stretch=1, bold=True),
                Column(
                    "结果",
                    lambda hit: "录用" if hit.score > 80 else "未录用",
                    width=90,
                    chip=lambda hit: "good" if hit.score > 80 else "neutral",
                ),
                Column("原因", lambda hit: "" if hit.score > 80 else "班次不合", width=90, tone=lambda _hit: "text2"),
                Column("经办人", lambda _hit: "方静", width=80, align="right"),
            ),
            name="台账",
        )
        plain.set_rows(_HITS)
        plain.sort_by(1)
        left.addWidget(self.hits, 3)
        left.addWidget(plain, 2)
        right.addWidget(self._form())
        right.addWidget(TimelineView(_EVENTS), 1)
        outer.addLayout(left, 3)
        outer.addLayout(right, 2)

    def _form(self) -> FormGrid:
        self.form = FormGrid(2)
        self.number = IdField("证件号码", required=True, hint="居民身份证")
        self.number.set_value("330421197904259966")
        self.number.set_state("校验通过")
        self.form.add(self.number, span=2)
        self.degree = ChoiceField(
            "文化程度", [("60", "高中"), ("70", "初级中学"), ("80", "小学")], required=True, hint="键入代码或拼音首字母"
        )
        self.degree.set_value("70")
        self.form.add(self.degree)
        self.form.add(TextField("姓名", required=True)).set_value("冯巧云")
        return self.form


_EVENTS = (
    TimelineEntry(
        "今天",
        "09:42",
        "file-text",
        "开推荐信",
        "栖里公寓 设备巡检员，有效至 12 月 1 日",
        "方静",
        "good",
        "等回执",
        "yellow",
        True,
    ),
    TimelineEntry("", "09:31", "message-circle", "职业指导", "35 分钟。愿意先考低压电工证", "方静", is_pending=True),
    TimelineEntry(
        "周五",
        "11-20",
        "triangle-alert",
        "社保比对提醒",
        "9、10、11 月没有缴费记录",
        "区里",
        "orange",
        "今天 17:00 前联系",
        "orange",
    ),
    TimelineEntry("10 月"),
    TimelineEntry("周三", "10-28", "id-card", "失业登记", "单位终止合同，不是本人意愿", "方静"),
)
