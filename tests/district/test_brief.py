"""A brief answer says of each operation what a full one says, but for the values that stand as they were sent."""

from tests.district.live import STATION, change, resident


def push(client, *ops):
    status, answer = client.post("/v1/push", {"epoch": client.epoch, "brief": True, "ops": list(ops)})
    assert status == 200, answer
    return answer["results"]


def bare(results):
    return [{**each, "records": [{**one, "values": None} for one in each["records"]]} for each in results]


def test_a_brief_answer_and_its_repeat_leave_out_what_stands_as_sent(clerk):
    record = resident()
    made = clerk.op(record)
    changed = clerk.op(change("resident", record["id"], 1, mobile=("19900000003", "19900000009")))

    first = push(clerk, made, changed)
    again, full = push(clerk, made, changed), clerk.results(made, changed)

    assert [each["outcome"] for each in first] == ["applied", "applied"]
    assert all("values" not in one for each in first for one in each["records"])
    assert again == first
    assert bare(full) == bare(first)
    assert [each["records"][0]["values"]["mobile"] for each in full] == ["19900000003", "19900000009"]


def test_a_brief_answer_tells_the_values_of_what_does_not_stand_as_sent(district, clerk):
    other = district.client(station=STATION)
    record = resident()
    push(clerk, clerk.op(record))
    other.one(change("resident", record["id"], 1, live_addr=(None, "溪桥苑 3 幢")))

    merged = push(clerk, clerk.op(change("resident", record["id"], 1, mobile=("19900000003", "19900000009"))))
    asked = push(clerk, clerk.op(change("resident", record["id"], 1, live_addr=(None, "溪桥苑 4 幢"))))

    assert [each["outcome"] for each in merged + asked] == ["merged", "conflict"]
    assert all(one["values"]["live_addr"] == "溪桥苑 3 幢" for each in merged + asked for one in each["records"])


def test_a_refused_operation_says_why_in_brief_too(clerk):
    (result,) = push(clerk, clerk.op(resident(name="葛")))

    assert (result["outcome"], result["code"], result["field"]) == ("refused", "invalid_value", "name")
    assert result["text"]
