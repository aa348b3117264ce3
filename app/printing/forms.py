"""求职登记表: the registration form, empty for a power cut, or filled for the resident to check and sign.

Optional facts that finding work does not need (politics, marriage, health, kind of hukou) are not asked. The ID
number is printed masked (6 + 4) unless the row says otherwise.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from app.models.codes import Code, code_list
from app.models.masking import mask_id
from app.printing import grid
from app.printing.flow import Blank, Block, Box, Field, Group, Label, Space
from app.printing.fonts import FontSet, shipped_fonts
from app.printing.grid import Cell, Row, Section, header, label, value
from app.printing.page import MM, PAPERS, Sheet, Title, render

_ID_WITHIN = re.compile(r"\d{17}[\dXx]")
LICENCES = ("A1", "A2", "A3", "B1", "B2", "C1", "C2", "C6", "D", "E", "F")
STATEMENTS = (
    "本人所填内容属实。站里凭本表为我提供职业介绍、职业指导和培训服务，不收取任何费用。",
    "站里已向我说明个人信息的用途、范围、保存期限和我的权利（查询、更正、撤回同意）。",
    "每次开具推荐信前，站里另行征得我同意；推荐信不印身份证号、住址和困难身份。",
)


@dataclass(frozen=True)
class SkillLine:
    """One skill, every value as it is to be read."""

    trade: str
    level: str = ""
    years: str = ""
    note: str = ""


@dataclass(frozen=True)
class CertLine:
    """One certificate."""

    name: str
    level: str = ""
    number: str = ""
    issued_on: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class IntentLine:
    """One wish: trade, wage in words, form of work, region."""

    trade: str
    wage: str = ""
    form: str = ""
    region: str = ""


@dataclass(frozen=True)
class ResumeLine:
    """One stretch of study, work or training."""

    period: str
    organisation: str = ""
    post: str = ""


@dataclass(frozen=True)
class RegistrationFormRow:
    """What a filled form shows. Fields named ``…_code(s)`` hold codes of the list in their comment, others text."""

    name: str = ""
    sex_code: str | None = None  # SEX
    birth_on: date | None = None
    id_type: str = ""
    id_no: str = ""
    show_id: bool = False
    ethnic: str = ""
    edu_code: str | None = None  # EDU
    school: str = ""
    graduated_on: date | None = None
    major: str = ""
    hukou_address: str = ""
    live_address: str = ""
    residence_permit_no: str = ""
    mobile: str = ""
    contact_name: str = ""
    contact_relation: str = ""
    contact_phone: str = ""
    emp_status: str = ""
    priority_groups: str = ""
    reg_no: str = ""
    reg_on: date | None = None
    valid_until: date | None = None
    person_class_code: str | None = None  # SEEKER_CLASS
    work_years: str = ""
    skills: tuple[SkillLine, ...] = ()
    certs: tuple[CertLine, ...] = ()
    licences: tuple[str, ...] = ()
    intents: tuple[IntentLine, ...] = ()
    resume: tuple[ResumeLine, ...] = ()
    shift_codes: tuple[str, ...] = ()  # SHIFT
    commute_code: str | None = None  # COMMUTE_MODE
    commute_km: str = ""
    board_code: str | None = None  # BOARD
    available_from: date | None = None
    accept_gig: bool = False
    accept_training: bool = False
    accept_internship: bool = False
    accept_pwpost: bool = False
    exclude: str = ""
    constraint_codes: tuple[str, ...] = ()  # CONSTRAINT
    guidance_need: bool = False
    training_need: bool = False
    startup_need: bool = False
    publish_consent: bool | None = None
    station_name: str = ""
    station_phone: str = ""
    handled_by: str = ""


def render_registration_form(row: RegistrationFormRow | None, *, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of the form on A4; None gives the empty form. The same row gives the same bytes.

    Raises:
        PrintError: a character that no shipped font has.
    """
    fonts = fonts or shipped_fonts()
    shown = row or RegistrationFormRow()
    if not shown.show_id:
        # A work permit's number is often the ID number with a letter before it.
        certs = tuple(
            replace(cert, number=_ID_WITHIN.sub(lambda m: mask_id(m.group()), cert.number)) for cert in shown.certs
        )
        shown = replace(shown, id_no=mask_id(shown.id_no), certs=certs)
    fonts.require(_texts(shown))
    paper = PAPERS["A4"]
    frame = grid.frame_of(paper, top=25, bottom=13, side=13, band=8)
    sections = (*_about(shown), *_wishes(shown), *_skills(shown), *_conditions(shown), _signing(shown))
    pages = grid.paginate(sections, fonts, frame)
    draws: list[Callable[[Sheet], None]] = [
        partial(_draw, shown=shown, page=page, frame=frame, number=i + 1, count=len(pages))
        for i, page in enumerate(pages)
    ]
    title = Title(shown.reg_no or "求职登记表", "求职登记表", shown.station_name)
    return render(paper, title, draws, fonts)


def _draw(
    sheet: Sheet, *, shown: RegistrationFormRow, page: grid.Page, frame: grid.Frame, number: int, count: int
) -> None:
    sheet.text(sheet.paper.width / 2, 15.5 * MM, "求职登记表", 19, bold=True, align="centre", spacing=3.5)
    base = 22.4 * MM
    sheet.text(frame.left, base, f"登记站点：{shown.station_name or '＿' * 12}", 9)
    sheet.text(frame.right, base, f"登记编号：{shown.reg_no or '＿' * 8}", 9, align="right")
    grid.draw_page(sheet, page, frame, 9)
    foot = sheet.paper.height - 7.5 * MM
    sheet.text(frame.left, foot, "在“□”里打“√”。本表由站里留存，记有个人信息，请勿带出或拍照外传。", 7.5, grey=0.25)
    sheet.text(frame.right, foot, f"第 {number} 页 共 {count} 页", 7.5, align="right", grey=0.25)


def _texts(shown: RegistrationFormRow) -> Iterable[str]:
    """Yield every text that the form shows."""
    for held in shown.__dict__.values():
        if isinstance(held, str):
            yield held
        elif isinstance(held, tuple):
            for line in held:
                yield from (
                    (line,) if isinstance(line, str) else (v for v in line.__dict__.values() if isinstance(v, str))
                )


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _zh(code: Code) -> str:
    return str(code.extra.get("short_zh") or code.label_zh)


def _boxes(list_id: str, ticked: Sequence[str | None], units: int, *, gap: float = 0.85) -> Cell:
    """Return the boxes of a code list, its short list and whatever of the rest is ticked."""
    codes = code_list(list_id)
    offered = codes.short()
    extra = tuple(code for code in codes if code.code in ticked and code not in offered)
    return grid.boxes([(_zh(code), code.code in ticked) for code in (*offered, *extra)], units, gap=gap)


def _about(shown: RegistrationFormRow) -> tuple[Section, ...]:
    sexes = [(_zh(code), code.code == shown.sex_code) for code in code_list("SEX") if code.code in ("1", "2")]
    contact = (
        Group.of(Label("姓名"), Space(0.2), Field(shown.contact_name, 4.4)),
        Group.of(Label("关系"), Space(0.2), Field(shown.contact_relation, 3)),
        Group.of(Label("电话"), Space(0.2), Field(shown.contact_phone, 6.6)),
    )
    rows = (
        Row((label("姓名"), value(shown.name, 6), label("性别", 2), grid.boxes(sexes, 4),
             label("出生日期"), _date(shown.birth_on, 6))),
        Row((label("证件类型"), value(shown.id_type, 5), label("证件号码"), grid.squares(18, shown.id_no, 13))),
        Row((label("文化程度"), _boxes("EDU", (shown.edu_code,), 21, gap=0.7)), height=9.6),
        Row((
            label("毕业院校"), value(shown.school, 6), label("专业", 2), value(shown.major, 5), label("毕业日期"),
            _date(shown.graduated_on, 5),
        )),
        Row((label("户籍地址"), value(shown.hukou_address, 16), label("民族", 2), value(shown.ethnic, 3))),
        Row((label("常住地址"), value(shown.live_address, 12), label("居住证编号"),
             value(shown.residence_permit_no, 6))),
        Row((label("手机号"), grid.squares(11, shown.mobile, 7), label("紧急联系人"), grid.spread(*contact, units=11))),
        Row((label("就业状态"), value(shown.emp_status, 7), label("重点群体"), value(shown.priority_groups, 11))),
    )  # fmt: skip
    return (Section("基本信息", rows),)


def _date(day: date | None, units: int) -> Cell:
    if day:
        return value(_day(day), units)
    return grid.spread(Group.of(Blank(3), Label("年"), Blank(1.8), Label("月"), Blank(1.8), Label("日")), units=units)


def _table(columns: Sequence[tuple[str, int]], lines: Sequence[Sequence[str]], least: int) -> tuple[Row, ...]:
    """Return a header and at least so many rows, empty ones to write on."""
    filled = [*lines, *([("",) * len(columns)] * max(0, least - len(lines)))]
    rows = [
        Row(tuple(value(text, units) for text, (_t, units) in zip(line, columns, strict=True)), 6.4) for line in filled
    ]
    return (header(*columns), *rows)


def _wishes(shown: RegistrationFormRow) -> tuple[Section, ...]:
    columns = (("择业工种", 8), ("月薪要求（元）", 4), ("用工形式", 5), ("择业地区", 7))
    lines = [(wish.trade, wish.wage, wish.form, wish.region) for wish in shown.intents]
    rows = (
        Row((label("求职人员类别"), _boxes("SEEKER_CLASS", (shown.person_class_code,), 21)), height=10.6),
        *_table(columns, lines, 3),
        Row(
            (
                label("可到岗日期"),
                _date(shown.available_from, 6),
                label("不考虑的工种、单位", 5),
                value(shown.exclude, 10),
            )
        ),
    )
    return (Section("求职意向", rows),)


def _skills(shown: RegistrationFormRow) -> tuple[Section, ...]:
    skills = [(skill.trade, skill.level, skill.years, skill.note) for skill in shown.skills]
    certs = [(c.name, c.level, c.number, _day(c.issued_on), _day(c.valid_to)) for c in shown.certs]
    past = [(line.period, line.organisation, line.post) for line in shown.resume]
    licences = [(kind, kind in shown.licences) for kind in LICENCES]
    rows = (
        *_table((("专业工种", 8), ("技能等级", 5), ("从事年限", 3), ("说明", 8)), skills, 3),
        *_table((("证书名称", 7), ("等级", 3), ("证书编号", 6), ("发证日期", 4), ("有效期至", 4)), certs, 2),
        Row((label("工作年限"), value(shown.work_years, 3), label("准驾车型"), grid.boxes(licences, 15))),
    )
    history = _table((("起止年月", 6), ("学习、工作、培训单位", 11), ("专业或岗位", 7)), past, 3)
    return Section("技能证书", rows), Section("简历", history)


def _conditions(shown: RegistrationFormRow) -> tuple[Section, ...]:
    modes = (Group.of(Box(_zh(code), code.code == shown.commute_code)) for code in code_list("COMMUTE_MODE").short())
    within = Group.of(Label("不超过"), Field(shown.commute_km, 2.6), Label("公里"))
    taken = (
        ("零工", shown.accept_gig),
        ("培训", shown.accept_training),
        ("见习", shown.accept_internship),
        ("公益性岗位", shown.accept_pwpost),
    )
    needs = (("职业指导", shown.guidance_need), ("参加培训", shown.training_need), ("创业帮助", shown.startup_need))
    rows = (
        Row((label("可接受班次"), _boxes("SHIFT", shown.shift_codes, 21)), height=10.6),
        Row((label("通勤"), grid.spread(*modes, within, units=11), label("食宿要求"),
             _boxes("BOARD", (shown.board_code,), 7, gap=0.5))),
        Row((label("还可接受"), grid.boxes(taken, 9), label("需要的服务"), grid.boxes(needs, 9))),
        Row((label("本人情况"), _boxes("CONSTRAINT", shown.constraint_codes, 21)), height=10.6),
    )  # fmt: skip
    return (Section("可接受条件", rows),)


def _signing(shown: RegistrationFormRow) -> Section:
    agreed, declined = shown.publish_consent is True, shown.publish_consent is False
    consent = Group.of(
        Label("4. 向用人单位提供去掉姓名和证件号的简历："),
        Space(0.4),
        Box("同意", agreed),
        Space(0.8),
        Box("不同意", declined),
    )
    statements = tuple(Block.of(Group.of(Label(f"{i}. {text}"))) for i, text in enumerate(STATEMENTS, 1))
    signed = Block.of(
        Group.of(Label("本人签字", bold=True), Blank(12)),
        Group.of(Blank(3.4), Label("年"), Blank(2.2), Label("月"), Blank(2.2), Label("日")),
        before=0.9,
    )
    people = Row(
        (
            label("经办人"), value(shown.handled_by, 4), label("登记日期"), _date(shown.reg_on, 5), label("有效期至"),
            _date(shown.valid_until, 6),
        )
    )  # fmt: skip
    return Section(
        "同意与签字", (Row((Cell(grid.UNITS, (*statements, Block.of(consent), signed)),), height=32), people)
    )
