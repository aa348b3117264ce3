"""Every part in one window: for pictures, for tests, and for those who build screens."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.dialogs import ErrorCard, IrrevocableDialog, ProgressCard, RevealDialog
from app.ui.forms import Field, MultiChoiceField, PhoneField, TextField
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
        empty.body.addWidget(EmptyState("今天的待办都办完了", "可以看看三天内到期的 6 件。", "看三天内", icon="calendar-check"))
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
        column.addWidget(_as_card(ask))
        self._head(column, "看被遮住的内容")
        reveal = RevealDialog(self, "证件号", [("1", "核对证件"), ("2", "填表要用"), ("3", "打电话")])
        reveal.reasons.set_code("1")
        reveal.yes.setEnabled(True)
        column.addWidget(_as_card(reveal))
        self._head(column, "出错：发生了什么，怎么办")
        words = "推荐信 0007 已登账，没有出纸。看看电源和纸，再打一次；编号不会变。"
        column.addWidget(ErrorCard("打印机没有响应", words, "再打一次", other="换打印机", code="P-102"))


def _as_card(dialog: QWidget) -> Card:
    """Put a dialog in place instead of over the window."""
    dialog.setWindowFlags(Qt.WindowType.Widget)
    card = Card(padding=1, radius=theme.RADIUS["dialog"])
    card.body.addWidget(dialog)
    return card
