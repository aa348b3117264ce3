"""The training feed from outside: what a trainer's token reads and writes."""

import uuid

import pytest
import requests

from app.models.registry import RECORD_TYPES
from tests.district.live import STATION, Client, Live, change, make, resident
from tests.factories import fictional_id

TRAINING = "training/330110"


def course() -> dict:
    return make("course", name="家政服务员（初级）", trade="4-10", level="L2")


def held_class(course_id: str) -> dict:
    days = {"start_on": "2026-11-16", "end_on": "2026-11-30"}
    return make(
        "training_class",
        class_no=f"PX330110261101-{uuid.uuid4().int % 10**4:04d}",
        course_id=course_id,
        title="家政",
        **days,
    )


def enrolment(class_id: str, resident_id: str, **values: object) -> dict:
    number = f"BM330110261101-{uuid.uuid4().int % 10**4:04d}"
    base = {"name": "郑阿菊", "phone": "19900000006", "enrolled_on": "2026-11-10"}
    return make("enrolment", enrol_no=number, class_id=class_id, resident_id=resident_id, **{**base, **values})


def mark(class_id: str, person: str, code: str = "1", lesson: str | None = None) -> dict:
    about = {"class_id": class_id, "lesson_id": lesson or str(uuid.uuid4()), "enrolment_id": person, "mark": code}
    return make("attendance", marked_at="2026-11-16T14:00:00+08:00", signed_on="2026-11-16", **about)


@pytest.fixture
def room(clerk: Client) -> tuple[str, str]:
    """Return the ids of a class and of somebody on its list, at the district; her file is there too."""
    file, offer = resident(id_no=fictional_id("19760130"), live_addr="溪桥苑 5 幢 301"), course()
    group = held_class(offer["id"])
    person = enrolment(group["id"], file["id"])
    outcomes = {each["outcome"] for each in clerk.results(*(clerk.op(each) for each in (file, offer, group, person)))}
    assert outcomes == {"applied"}
    return group["id"], person["id"]


def test_no_call_with_a_trainers_token_returns_a_resident(district: Live, clerk: Client, room: tuple[str, str]) -> None:
    trainer = district.client("trainer")
    secret = (fictional_id("19760130"), "溪桥苑")
    check = make(
        "eligibility_check", resident_id=str(uuid.uuid4()), class_id=room[0], checked_on="2026-11-10", result="1"
    )
    assert clerk.one(check)["outcome"] == "applied"

    entries = trainer.everything()
    lines = trainer.get("/v1/status")[1]
    snapshot = requests.get(f"{trainer.url}/v1/snapshot/{TRAINING}", headers=trainer.headers, timeout=60).text
    own = trainer.one(mark(*room))

    assert {entry["type"] for entry in entries} == {"course", "training_class", "enrolment"}
    assert trainer.feeds == list(lines["feeds"]) == [TRAINING]
    for answer in (repr(entries), repr(lines), snapshot, repr(own)):
        assert not any(word in answer for word in secret)
    for feed in (f"station/{STATION}", "market/330110", "office/330110"):
        assert trainer.post("/v1/pull", {"epoch": trainer.epoch, "cursors": {feed: 0}})[0] == 403
        assert trainer.post("/v1/digest", {"feed": feed})[0] == 403


def test_a_trainer_writes_marks_notes_and_scores_and_nothing_else(district: Live, room: tuple[str, str]) -> None:
    class_id, person = room
    trainer = district.client("trainer")
    note = make(
        "lesson_note", class_id=class_id, lesson_id=str(uuid.uuid4()), text="灯坏了", noted_at="2026-11-16T14:00:00Z"
    )
    score = make("assessment", class_id=class_id, enrolment_id=person, passed=True, assessed_on="2026-11-30")

    done = [trainer.one(each)["outcome"] for each in (mark(class_id, person), note, score)]
    refused = [
        trainer.one(each).get("code")
        for each in (
            course(),
            held_class(str(uuid.uuid4())),
            make("lesson", class_id=class_id, number=1, held_on="2026-11-16", starts="13:30", ends="17:00", hours=4),
            enrolment(class_id, str(uuid.uuid4())),
            change("enrolment", person, 4, state=("10", "50")),
            make("certificate", cert_no="JY330110261101-0001", issued_on="2026-11-30", resident_id="r", name="郑阿菊"),
            resident(),
            make("craft_order", order_no="DD330110261101-0001", employer_id="e", product="杯垫"),
        )
    ]

    assert done == ["applied"] * 3
    assert refused == ["not_allowed"] * 8


def test_which_types_a_trainer_may_write_is_said_by_the_schema(clerk: Client) -> None:
    types = clerk.get("/v1/schema")[1]["types"]

    assert {name for name, kind in types.items() if "trainer" in kind["writers"]} == {
        "attendance", "lesson_note", "assessment"
    }  # fmt: skip
    assert types["enrolment"]["owner"]["seat"] == "district"
    assert all(types[kind.name]["feed"] == kind.feed for kind in RECORD_TYPES)


def test_a_station_never_writes_a_seat(clerk: Client, room: tuple[str, str]) -> None:
    new = clerk.one(enrolment(room[0], str(uuid.uuid4()), seat="1"))
    changed = clerk.one(change("enrolment", room[1], 3, seat=(None, "1")))

    assert [each["code"] for each in (new, changed)] == ["not_yours", "not_yours"]


def test_marks_of_one_lesson_by_two_devices_are_all_kept_and_never_asked(
    district: Live, clerk: Client, room: tuple[str, str]
) -> None:
    class_id, person = room
    trainer, lesson = district.client("trainer"), str(uuid.uuid4())

    outcomes = [
        each.one(mark(class_id, person, code, lesson))["outcome"]
        for each, code in ((clerk, "0"), (trainer, "1"), (clerk, "2"))
    ]

    entries = [entry for entry in trainer.everything() if entry["type"] == "attendance"]
    assert outcomes == ["applied"] * 3
    assert [entry["values"]["mark"] for entry in entries] == ["0", "1", "2"]
    assert "conflict" not in {entry["type"] for entry in clerk.everything()}


def test_no_id_number_gets_into_the_training_feed_as_a_certificates_number(
    clerk: Client, room: tuple[str, str]
) -> None:
    bad = make(
        "certificate", cert_no="T" + fictional_id("19760130"), issued_on="2026-11-30", resident_id="r", name="郑阿菊"
    )

    refused = clerk.one(bad)

    assert (refused["outcome"], refused["code"], refused["field"]) == ("refused", "invalid_value", "cert_no")
