"""The papers of training, read back: sign-up slip, sign-in sheet, certificate of completion."""

from dataclasses import fields, replace
from datetime import date

import pytest

from app.db.database import Transaction
from app.models.codes import code_list
from app.models.identity import slip_payload
from app.models.numbered import parse_number
from app.models.training import Enrolment
from app.printing.completion import CompletionRow, render_completion
from app.printing.sign_in_sheet import BLANK_ROWS, SignInRow, render_sign_in
from app.printing.sign_up_slip import ADVICE, SignUpRow, render_sign_up
from app.printing.training_facts import completion_row, sign_in_row, sign_up_row, times_text
from app.services.training import certificates, classes, enrolments, grid, rosters
from tests.factories import Factory
from tests.printing.reading import codes, page_count, page_size_mm, squeezed
from tests.printing.rows import RARE_NAME

SLIP = SignUpRow(
    enrol_no="BM330110261101-0007",
    name="郑阿菊",
    phone="19900000006",
    standing="待确认",
    class_no="PX330110261101-0003",
    title="家政服务员（初级）",
    hours="40",
    provider="衢州柚见家政服务有限公司",
    fee="免费",
    place="仓前街道溪桥社区二楼实训室",
    days="2026-11-30 至 2026-12-18",
    times="每周一、三、五 13:30–17:00",
    trainers="何蔚",
    enrolled_on=date(2026, 11, 24),
    station_name="仓前街道溪桥社区就业服务站",
    station_phone="0571-00000200",
    handled_by="方静",
)
NAMES = tuple("郑阿菊 苏玉梅 李桂芬 王秀珍 陈美仙 徐月琴 吴小燕 沈亚萍 朱彩娥 胡丽君".split())
SHEET = SignInRow(
    title="家政服务员（初级）",
    class_no="PX330110261101-0003",
    lesson_number=6,
    held_on=date(2026, 11, 24),
    time="13:30–17:00",
    hours="4",
    place="二楼实训室",
    trainer="何蔚",
    topic="灶具清洁",
    names=NAMES,
    station_name="仓前街道溪桥社区就业服务站",
)
PAPER = CompletionRow(
    cert_no="JY330110261101-0001",
    name="郑阿菊",
    course_name="家政服务员（初级）",
    level="初级工",
    class_no="PX330110261101-0003",
    hours_total="40",
    hours_attended="38.5",
    theory="86",
    practice="91.5",
    start_on=date(2026, 11, 30),
    end_on=date(2026, 12, 18),
    issuer="衢州柚见家政服务有限公司",
    station_name="仓前街道溪桥社区就业服务站",
    station_phone="0571-00000200",
    issued_on=date(2026, 12, 20),
)


@pytest.mark.parametrize("standing", ADVICE)
def test_the_slip_says_how_the_seat_stands_and_what_follows(standing: str) -> None:
    document = render_sign_up(replace(SLIP, standing=standing))

    text = squeezed(document)
    assert page_size_mm(document) == (210, 148)
    assert standing in text
    assert ADVICE[standing] in text
    assert ("失效" in text.replace("本单已失效", "")) is (standing in ("已退班", "班期已取消"))
    assert [word for word in ADVICE if word in text and word not in ADVICE[standing]] == [standing]


def test_the_slip_says_what_where_and_when() -> None:
    text = squeezed(render_sign_up(SLIP))

    for words in (
        "报名号BM330110261101-0007", "学员郑阿菊联系电话19900000006", "班级家政服务员（初级）班号PX330110261101-0003",
        "课时40费用免费培训机构衢州柚见家政服务有限公司", "日期2026-11-30至2026-12-18时间每周一、三、五13:30–17:00",
        "地点仓前街道溪桥社区二楼实训室教师何蔚", "经办人方静报名日期2026-11-24", "仓前街道溪桥社区就业服务站（章）",
    ):  # fmt: skip
        assert words in text


def test_no_paper_of_training_has_a_field_for_an_id_number_or_an_address_of_the_person() -> None:
    names = {field.name for row in (SignUpRow, SignInRow, CompletionRow) for field in fields(row)}

    assert not [
        name for name in names if any(word in name for word in ("id_no", "addr", "live", "hukou", "birth", "target"))
    ]


@pytest.mark.parametrize("dpi", [150, 300])
def test_the_codes_hold_number_and_check_digits_and_nothing_else(dpi: int) -> None:
    slip, paper = codes(render_sign_up(SLIP), dpi=dpi), codes(render_completion(PAPER), dpi=dpi)

    assert (slip, paper) == ([slip_payload(SLIP.enrol_no)], [slip_payload(PAPER.cert_no)])
    assert parse_number(slip[0], "BM") == SLIP.enrol_no
    assert parse_number(paper[0], "JY") == PAPER.cert_no


def test_the_sheet_has_the_codes_of_the_keys_for_everybody_and_rows_for_walk_ins() -> None:
    document = render_sign_in([SHEET])

    text = squeezed(document)
    marks = "".join(f"{item.code}{item.label_zh}" for item in code_list("ATTEND_MARK"))
    assert marks == "1到2迟3早4假0缺"
    assert text.count(marks) == len(NAMES) + BLANK_ROWS + 1
    assert "第6课2026年11月24日13:30–17:004课时" in text
    assert "二楼实训室教师何蔚" in text
    assert "内容：灶具清洁" in text
    assert all(f"{place}{name}" in text for place, name in enumerate(NAMES, 1))
    assert "应到10人" in text
    assert "补录时照本表按键，日期写本表的日期" in text


def test_a_class_of_forty_goes_over_two_pages_with_a_header_on_each() -> None:
    document = render_sign_in([replace(SHEET, names=NAMES * 4)])

    assert page_count(document) == 2
    assert "第1页共2页" in squeezed(document)
    assert "第6课" in squeezed(document, 1)
    assert "40胡丽君" in squeezed(document, 1)
    assert all("序姓名签到时间签名" in squeezed(document, page) for page in (0, 1))


def test_the_certificate_says_who_what_and_how_well() -> None:
    document = render_completion(PAPER)

    text = squeezed(document)
    assert page_size_mm(document) == (210, 297)
    assert "结业证明编号JY330110261101-0001" in text
    assert "郑阿菊：于2026年11月30日至2026年12月18日参加家政服务员（初级）培训，共40课时，出勤38.5课时，" in text
    assert "考核合格（理论86分，实操91.5分），准予结业。特此证明。" in text
    assert "衢州柚见家政服务有限公司2026年12月20日" in text


def test_a_certificate_without_scores_says_nothing_of_them_and_a_void_one_says_so() -> None:
    plain = squeezed(render_completion(replace(PAPER, theory="", practice="")))
    void = squeezed(render_completion(replace(PAPER, void=True)))

    assert "考核" not in plain
    assert "作废" not in plain
    assert "作废" in void


def test_rare_names_and_the_longest_texts_print(tx: Transaction) -> None:
    name = (RARE_NAME + "·阿卜杜热西提艾合买提江古丽" * 4)[:50]
    long = "杭州临空经济示范区国际供应链管理与智能仓储装备制造（浙江）有限责任公司职业技能培训学校余杭校区" * 2

    slip = squeezed(render_sign_up(replace(SLIP, name=name, title=long[:60], place=long[:100], provider=long[:100])))
    sheet = squeezed(render_sign_in([replace(SHEET, names=(name,))]))
    paper = squeezed(render_completion(replace(PAPER, name=name, course_name=long[:60], issuer=long[:60])))

    assert name in slip
    assert name in sheet
    assert name in paper


def test_the_same_row_gives_the_same_bytes() -> None:
    assert render_sign_up(SLIP) == render_sign_up(SLIP)
    assert render_sign_in([SHEET]) == render_sign_in([SHEET])
    assert render_completion(PAPER) == render_completion(PAPER)


def test_the_hours_are_said_as_people_say_them() -> None:
    every = {"weekdays": [7, 6, 5, 4, 3, 2, 1], "from": "09:00", "to": "11:00"}

    assert (
        times_text([{"weekdays": [3, 1], "from": "13:30", "to": "17:00"}, every])
        == "每周一、三 13:30–17:00；每天 09:00–11:00"
    )


def said(tx: Transaction, row: Enrolment) -> str:
    facts = rosters.sign_up_facts(tx, row.id)
    return sign_up_row(facts, station_name="站", station_phone="", handled_by="方静").standing


def test_the_slip_follows_the_seat_from_the_record(tx: Transaction, make: Factory) -> None:
    row = make.enrolment()
    words = [said(tx, row)]
    for seat in ("2", "1"):
        with tx.applying():
            row.seat = seat
            tx.flush()
        words.append(said(tx, row))
    enrolments.drop(tx, row.id, "01")
    words.append(said(tx, row))
    other = make.enrolment()
    classes.cancel_class(tx, other.class_id, "人数不够")
    words.append(said(tx, other))

    assert words == ["待确认", "候补", "名额已确认", "已退班", "班期已取消"]


def test_sheet_and_certificate_come_from_the_records(tx: Transaction, make: Factory) -> None:
    signed = make.graduate()
    made = certificates.issue_completion(tx, signed.id)
    tx.flush()
    found = grid.load_grid(tx, signed.class_id)

    sheet = sign_in_row(found, found.lessons[1].id, station_name="站")
    paper = completion_row(certificates.completion_facts(tx, made.id), station_name="站", station_phone="")

    assert (sheet.names, sheet.lesson_number, sheet.place, sheet.trainer) == ((signed.name,), 2, "二楼实训室", "何蔚")
    assert (paper.name, paper.hours_attended, paper.theory, paper.level) == (signed.name, "8", "80", "初级工")
    assert squeezed(render_completion(paper)).count(made.cert_no) == 1
