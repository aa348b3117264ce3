"""Health, metrics and the access log: enough to keep the server alive, and nothing about a person in them."""

import logging
import re

import pytest
import requests

from app.district import admin_routes
from app.district.metrics import Metrics, is_loopback
from tests.district.live import STATION, Client, change, resident

LINE = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z_]+="(\\.|[^"\\\n])*"(,(?=[a-z])|(?=\})))*\})? -?[0-9.e+]+(Inf)?\Z')


def scrape(live, **headers):
    return requests.get(live.url + "/metrics", headers=headers, timeout=30)


def value(text, name, **labels):
    """Return the value of a sample that has these labels."""
    for line in text.splitlines():
        if line.startswith((name + "{", name + " ")) and all(f'{key}="{told}"' in line for key, told in labels.items()):
            return float(line.rpartition(" ")[2])
    return None


def test_health_tells_process_and_database(district):
    answer = requests.get(district.url + "/health", timeout=30)

    assert (answer.status_code, answer.json()["ok"]) == (200, True)


def test_without_its_database_the_server_is_not_healthy(district, monkeypatch):
    import sqlalchemy as sa

    def away():
        raise sa.exc.OperationalError("SELECT 1", None, Exception("away"))

    monkeypatch.setattr(district.store, "read", away)

    answer = requests.get(district.url + "/health", timeout=30)

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


def test_the_metrics_count_what_was_done(district, clerk):
    record = resident()
    clerk.results(clerk.op(record), clerk.op(resident(mobile="1" * 40)))
    clerk.one(change("resident", record["id"], 1, remark=(None, "改")))
    clerk.get("/v1/nowhere")
    requests.get(district.url + "/v1/status", timeout=30)
    silent = district.client()
    with district.store.write() as connection:
        connection.exec_driver_sql("UPDATE device SET last_seen_at = NULL WHERE id = '" + silent.device + "'")

    assert district.api.state.rulings.settle()
    answer = scrape(district)

    text = answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert value(text, "doorstep_results_total", outcome="applied") == 2
    assert value(text, "doorstep_results_total", outcome="refused") == 1
    assert value(text, "doorstep_requests_total", method="POST", route="/v1/push", status="200") == 2
    assert value(text, "doorstep_requests_total", route="/v1/status", status="401") == 1
    assert value(text, "doorstep_requests_total", route="-", status="404") == 1
    assert value(text, "doorstep_request_seconds_count", route="/v1/push") == 2
    assert value(text, "doorstep_request_seconds_bucket", route="/v1/push", le="+Inf") == 2
    assert value(text, "doorstep_feed_head", feed=f"station/{STATION}") == 2
    assert value(text, "doorstep_devices", state="active") == 1
    assert value(text, "doorstep_devices", state="silent") == 1
    assert value(text, "doorstep_ruling_waiting") == 0
    assert value(text, "doorstep_listeners") == 0
    assert value(text, "doorstep_info", epoch=clerk.epoch) == 1


def test_every_line_of_the_metrics_is_of_the_format(district, clerk):
    clerk.one(resident())

    for line in scrape(district).text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or LINE.match(line), line


def test_a_listener_is_counted_while_it_listens(district, clerk):
    stream = requests.get(clerk.url + "/v1/events", headers=clerk.headers, stream=True, timeout=30)
    lines = stream.iter_lines(chunk_size=1)
    next(lines)

    assert value(scrape(district).text, "doorstep_listeners") == 1
    stream.close()


def test_a_label_cannot_break_the_format():
    kept = Metrics()
    kept.note_request("GET", 'a"b\\c\nd', 200, 0.1)

    assert all(line.startswith("#") or LINE.match(line) for line in kept.lines())


@pytest.mark.parametrize(
    ("address", "near"), [("127.0.0.1", True), ("::1", True), ("192.168.1.9", False), ("", False), ("x", False)]
)
def test_only_this_machine_is_near(address, near):
    assert is_loopback(address) is near


def test_from_elsewhere_the_metrics_need_their_token(district, clerk, monkeypatch):
    monkeypatch.setattr(admin_routes, "is_loopback", lambda _address: False)
    district.api.state.metrics_token = "geheim"

    statuses = [
        scrape(district).status_code,
        scrape(district, Authorization="Bearer falsch").status_code,
        scrape(district, **clerk.headers).status_code,
        scrape(district, Authorization="Bearer geheim").status_code,
    ]

    assert statuses == [403, 403, 403, 200]


def test_no_token_name_number_or_code_is_in_log_or_metrics(district, caplog):
    caplog.set_level(logging.DEBUG)
    code = district.code()
    client = Client(district.url)
    body = {"code": code, "device_name": "方静的电脑"}
    client.take(client.post("/v1/enrol", body)[1])
    person = resident()
    number, name, phone = person["set"]["id_no"][1], person["set"]["name"][1], person["set"]["mobile"][1]
    client.one(person)
    client.one(resident(id_no="330110197002189992", name="沈以安"))
    for path in (f"/v1/residents/{number}", f"/{name}", f"/v1/snapshot/{name}", f"/v1/status?name={name}&q={phone}"):
        requests.get(district.url + path, headers=client.headers, timeout=30)
    requests.request(phone, district.url + "/v1/status", timeout=30)
    client.post("/v1/report", {"queued": 0, "parked": 0, "held": 0, "conflicts": 0, "last_error": "sync.differs"})
    requests.get(district.url + "/v1/status", headers={"Authorization": "Bearer dst_wrong-secret"}, timeout=30)

    written = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("app"))
    text = scrape(district).text

    assert "POST /v1/push 200" in written
    assert "GET /v1/snapshot/{feed:path} 403" in written
    for secret in (
        client.token,
        "dst_",
        code,
        code.replace("-", ""),
        number,
        "330110197002189992",
        name,
        "沈以安",
        phone,
    ):
        assert secret not in written
        assert secret not in text
    for secret in ("方静", client.device):
        assert secret not in written + text
