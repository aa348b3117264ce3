"""A word from the district reaches the counters it is for, until it expires or is taken back."""

from datetime import timedelta

import pytest

from app import clock
from app.district import notices
from app.district.main import main
from app.services.notices import notices_of
from tests.district.live import OTHER, STATION
from tests.sync import world


def told(client):
    return [notice["text"] for notice in client.get("/v1/status")[1]["notices"]]


def put_up(live, text, **more):
    with live.store.write() as connection:
        return notices.add_notice(connection, text, **more)


def test_a_notice_is_told_to_its_station_or_to_all_until_it_expires(district, clerk):
    other = district.client(station=OTHER)
    put_up(district, "周五停机\n两小时", hours=2)
    put_up(district, "请补登", station=STATION)

    assert told(clerk) == ["请补登", "周五停机 两小时"]
    assert told(other) == ["周五停机 两小时"]
    clock.shift(timedelta(hours=3))
    assert told(clerk) == ["请补登"]
    assert told(other) == []


def test_a_notice_that_is_taken_back_is_told_no_longer(district, clerk):
    notice = put_up(district, "周五停机")

    with district.store.write() as connection:
        notices.remove_notice(connection, notice)

    assert told(clerk) == []


def test_a_counter_keeps_what_it_was_told_while_the_line_is_down(district, tmp_path):
    counter = world.counter(world.template(tmp_path), tmp_path / "counter.db").join(district)
    put_up(district, "周五停机", hours=2)
    assert counter.sync().ok
    counter.line.cut["status"] = 1

    assert counter.sync().error is not None

    (line,) = counter.ask(notices_of)
    assert (line.text, line.until is not None) == ("周五停机", True)
    clock.shift(timedelta(hours=3))
    assert counter.ask(notices_of) == ()
    assert counter.sync().ok
    clock.shift(timedelta(0))
    assert counter.ask(notices_of) == ()
    counter.close()


def test_what_an_odd_server_tells_breaks_nothing(district, tmp_path, monkeypatch):
    odd = [
        5,
        {"id": 1, "text": "x"},
        {"id": "a", "text": "甲", "until": "soon"},
        {"id": "b", "text": "乙", "until": None},
    ]
    monkeypatch.setattr("app.district.sync_routes.notices_for", lambda *_args: odd)
    counter = world.counter(world.template(tmp_path), tmp_path / "counter.db").join(district)

    assert counter.sync().ok

    assert [line.text for line in counter.ask(notices_of)] == ["乙"]
    counter.close()


def test_the_commands_put_up_list_and_take_back(tmp_path, capsys):
    where = ["--data", str(tmp_path / "district")]

    assert main(["notice", "周五停机", "--station", STATION, "--hours", "2", *where]) == 0
    notice = capsys.readouterr().out.strip()
    assert main(["notices", *where]) == 0
    listed = capsys.readouterr().out
    assert main(["notice", "--remove", notice, *where]) == 0
    assert main(["notice", "--remove", notice, *where]) == 1
    capsys.readouterr()
    assert main(["notices", *where]) == 0

    assert all(word in listed for word in (notice, STATION, "周五停机"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "words", [[], [" "], ["长" * 301], ["甲", "--hours", "0"], ["甲", "--station", "!"], ["甲", "--remove", "x"]]
)
def test_a_wrong_notice_is_one_plain_sentence(words, tmp_path, capsys):
    status = main(["notice", *words, "--data", str(tmp_path / "district")])

    assert status == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
