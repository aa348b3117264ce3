"""COMMANDS: every command of the desktop with its keys. Tooltips, the key bar, the palette and F1 are made from it.

A screen offers commands by name through ``acts()``; the window binds the keys once. Never bound, because input methods
own them: Ctrl+Space, Shift alone, Ctrl+Shift, Shift+Space, Ctrl+``.``.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.texts import N_, _

PROGRAM, COUNTER, PAGE, LIST, FORM = N_("程序"), N_("办事"), N_("这一屏"), N_("列表"), N_("表单")


@dataclass(frozen=True)
class KeyHint:
    """One entry of the key bar: key caps, then a word."""

    keys: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Command:
    """Something one key does. ``screen``: it opens that screen; ``act``: hidden from roles that may not do it.

    ``needs`` is said when the screen in front does not offer it.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    group: str = PROGRAM
    icon: str = ""
    screen: str = ""
    act: str = ""
    needs: str = ""
    in_palette: bool = True


@dataclass(frozen=True)
class Habit:
    """Keys that lists and forms handle themselves; only F1 shows them."""

    keys: tuple[str, ...]
    text: str
    group: str


COMMANDS: tuple[Command, ...] = (
    Command("help", N_("全部按键"), ("F1",), icon="keyboard"),
    Command("register", N_("新登记"), ("F2",), COUNTER, "user-round-plus", screen="register", act="resident.register"),
    Command("find", N_("查人"), ("F3",), COUNTER, "search"),
    Command("match", N_("匹配岗位"), ("F4",), COUNTER, "list-checks", needs=N_("先打开一位居民，再按 F4 匹配岗位。")),
    Command("sync", N_("现在同步"), ("F5",), PROGRAM, "refresh-cw"),
    Command(
        "visit",
        N_("记走访、回访"),
        ("F6",),
        COUNTER,
        "footprints",
        act="visit.record",
        needs=N_("先打开一位居民，再按 F6 记走访、回访。"),
    ),
    Command(
        "guidance",
        N_("职业指导"),
        ("F7",),
        COUNTER,
        "message-circle",
        act="guidance.record",
        needs=N_("先打开一位居民，再按 F7 记职业指导。"),
    ),
    Command(
        "policy",
        N_("讲政策"),
        ("Ctrl+G",),
        COUNTER,
        "megaphone",
        act="policy_intro.record",
        needs=N_("先打开一位居民，再按 Ctrl+G 讲政策。"),
    ),
    Command(
        "refer",
        N_("开推荐信"),
        ("F8",),
        COUNTER,
        "file-text",
        act="referral.issue",
        needs=N_("先给一位居民匹配岗位，选中一个，再按 F8。"),
    ),
    Command(
        "train",
        N_("报培训班"),
        ("Ctrl+T",),
        COUNTER,
        "graduation-cap",
        act="enrolment.add",
        needs=N_("先打开一位居民，再按 Ctrl+T 报培训班。"),
    ),
    Command("main", N_("这一屏的主要按钮"), ("F9",), PAGE, in_palette=False),
    Command("full_screen", N_("全屏"), ("F11",), icon="maximize"),
    Command("lock", N_("换人"), ("F12",), icon="lock"),
    Command("palette", N_("命令"), ("Ctrl+K",), icon="keyboard", in_palette=False),
    Command("edit", N_("修改"), ("Ctrl+E",), PAGE, "pencil", needs=N_("这一屏没有要修改的。")),
    Command("print", N_("打印"), ("Ctrl+P",), PAGE, "printer", needs=N_("这一屏没有要打印的。")),
    Command("save_pdf", N_("存 PDF"), ("Ctrl+S",), PAGE, "file-down", needs=N_("这一屏没有可以存的纸面。")),
    Command("undo", N_("撤销"), ("Ctrl+Z",), PAGE, "undo-2", needs=N_("没有可以撤销的。")),
    Command("redo", N_("重做"), ("Ctrl+Y",), PAGE, "redo-2", needs=N_("没有可以重做的。")),
    Command("filter", N_("在列表里筛"), ("Ctrl+F", "/"), LIST, "funnel", needs=N_("这一屏没有列表。")),
    Command("back", N_("退回上一屏"), ("Alt+Left",), icon="arrow-left", in_palette=False),
    Command("larger", N_("字大一点"), ("Ctrl++", "Ctrl+="), icon="zoom-in"),
    Command("smaller", N_("字小一点"), ("Ctrl+-",), icon="zoom-out"),
    Command("normal_size", N_("字恢复原样"), ("Ctrl+0",), icon="search"),
)

HABITS: tuple[Habit, ...] = (
    Habit(("Alt+1", "Alt+9"), N_("左边第几项"), PROGRAM),
    Habit(("Ctrl+\\",), N_("打开或收起右边一栏（窗口窄的时候）"), PAGE),
    Habit(("Enter",), N_("下一栏；最后一栏到主要按钮"), FORM),
    Habit(("Shift+Enter",), N_("上一栏"), FORM),
    Habit(("Ctrl+Enter",), N_("长文字里换行"), FORM),
    Habit(("0", "9"), N_("选项按代码选，也可以打拼音首字母"), FORM),
    Habit(("*", "."), N_("证件号里的 X"), FORM),
    Habit(("Ctrl+PgUp", "Ctrl+PgDn"), N_("上一步、下一步"), FORM),
    Habit(("Esc",), N_("先放一放"), FORM),
    Habit(("↑", "↓"), N_("选一行"), LIST),
    Habit(("Space",), N_("勾上"), LIST),
    Habit(("Enter",), N_("打开"), LIST),
    Habit(("Del",), N_("推迟（写原因）"), LIST),
    Habit(("Home", "End"), N_("第一行、最后一行"), LIST),
    Habit(("A", "Z"), N_("打拼音首字母，跳到那一行"), LIST),
    Habit(("Ctrl+A",), N_("全部勾上（岗位）"), LIST),
    Habit(("Ctrl+C",), N_("抄下这一行，遮住的照样遮住"), LIST),
    Habit(("Ctrl+N",), N_("登记岗位或单位（在岗位这一屏）"), PAGE),
    Habit(("Ctrl+N",), N_("排班期、登记项目、加一次课（在培训和班级）"), PAGE),
    Habit(("Ctrl+M",), N_("调课（在班级这一屏）"), PAGE),
    Habit(("Ctrl+I",), N_("导入表格（在岗位这一屏）"), PAGE),
    Habit(("Ctrl+PgUp", "Ctrl+PgDn"), N_("上个月、下个月（在台账）"), PAGE),
    Habit(("↑", "↓", "←", "→"), N_("换一个数；Ctrl+PgUp、PgDn 换月份（在看板）"), PAGE),
    Habit(("Esc",), N_("收起大屏（在大屏上）"), PAGE),
    Habit(("1", "0"), N_("点名：1 到 2 迟 3 早 4 假 0 缺，自动跳到下一位"), PAGE),
    Habit(("A",), N_("点名：其余都到"), PAGE),
    Habit(("+",), N_("点名：记临时来的人"), PAGE),
    Habit(("Ctrl+D",), N_("补录考勤：签到表上的日期"), PAGE),
    Habit(("Ctrl+1", "Ctrl+5"), N_("换一页（在档案和匹配里）"), PAGE),
)

GROUPS = (COUNTER, PROGRAM, PAGE, LIST, FORM)

FORBIDDEN = frozenset({"Ctrl+Space", "Shift", "Ctrl+Shift", "Shift+Space", "Ctrl+."})
"""Keys of the input methods."""


def command(name: str) -> Command:
    """Return the command of that name.

    Raises:
        KeyError: there is none.
    """
    for each in COMMANDS:
        if each.name == name:
            return each
    raise KeyError(name)


def caps(keys: str) -> str:
    """Return keys as they stand on a key cap: "Ctrl K", "Alt ←"."""
    if keys == "Ctrl++":
        return "Ctrl +"
    return keys.replace("+", " ").replace("Left", "←")


def hint(name: str) -> KeyHint:
    """Return the key-bar entry of a command."""
    found = command(name)
    return KeyHint((caps(found.keys[0]),), _(found.text))


def tooltip(name: str) -> str:
    """Return "新登记（F2）"."""
    found = command(name)
    return _("{what}（{key}）", what=_(found.text), key=caps(found.keys[0]))
