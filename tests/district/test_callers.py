"""What a server remembers of a device's token is a guess: the device is looked at again under the lock."""

from app.db.inserts import table_of
from app.district import accounts
from app.district.accounts import Caller
from app.district.callers import Callers
from app.models.district import Device
from tests.district.live import resident


def test_a_device_that_was_revoked_since_its_last_push_is_refused(district, clerk):
    other = district.client("clerk")
    clerk.one(resident())
    with district.store.write() as connection:
        accounts.revoke(connection, clerk.device)

    answers = [clerk.push(clerk.op(resident(n=1))) for _n in range(2)]

    assert [(status, body["code"]) for status, body in answers] == [(401, "revoked")] * 2
    assert len(other.everything()) == 1


def test_a_device_whose_role_changed_since_its_last_push_is_judged_by_the_new_one(district, clerk):
    clerk.one(resident())
    devices = table_of(Device)
    with district.store.write() as connection:
        connection.execute(devices.update().where(devices.c.id == clerk.device).values(role="trainer"))

    [result] = clerk.results(clerk.op(resident(n=1)))

    assert (result["outcome"], result["code"]) == ("refused", "not_allowed")


def test_no_more_devices_are_remembered_than_fit(monkeypatch):
    monkeypatch.setattr("app.district.callers.MOST", 2)
    callers, caller = Callers(), Caller("a", "clerk", "330110012001", "330110", 1)

    for token in ("one", "two", "three"):
        callers.keep(token, caller)

    assert [callers.guess(token) for token in ("one", "two", "three", None)] == [None, None, caller, None]
