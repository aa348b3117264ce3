"""``doorstep doctor`` names the first line that was tampered with: which log, which number, whose, when, what."""

import pytest

from app.db.database import Database
from app.paths import DataFolder
from app.services import residents, traces
from app.services.counters import open_counter
from app.services.looks import Look, note_look
from tests.commands.conftest import PIN, Done, Run
from tests.db.test_chain import Attacker
from tests.factories import RESIDENT, Factory

NAME = "沈安以"


class Station:
    """A founded counter with some work done, its doctor, and somebody with the key of its file."""

    def __init__(self, run: Run, folder: DataFolder) -> None:
        self._run = run
        self.folder = folder
        self.work()

    def open(self):
        return open_counter(self.folder, name="陶丽华", pin=PIN)

    def work(self) -> None:
        counter = self.open()
        with counter.database.write(counter.actor) as tx:
            person = residents.register_resident(
                tx, {**RESIDENT, "name": NAME}, consents=[{"kind": "1", "agreed": True}]
            ).id
        for number in range(3):
            with counter.database.write(counter.actor) as tx:
                residents.edit_resident(tx, person, {"live_addr": f"溪桥苑 {number} 幢"})
            with counter.database.write(counter.actor) as tx:
                note_look(tx, Look("resident.look", "resident", f"r-{number}"))
        with counter.database.write(counter.actor) as tx:
            traces.reveal(tx, person, "id_no", "1")
        with counter.database.write(counter.actor) as tx:
            Factory(tx).slip_print()
        with counter.database.write(counter.actor) as tx:
            tx.act("month.close")
            Factory(tx).month_close()
        counter.database.close()

    def attack(self, *statements: str) -> None:
        counter = self.open()
        attacker = Attacker(Database(counter.folder.database, counter.key), counter.key)
        for statement in statements:
            attacker.does(statement)
        attacker.ends()
        counter.database.close()

    def doctor(self) -> Done:
        return self._run("doctor", "--check")


@pytest.fixture
def station(founded: Run, data_folder: DataFolder) -> Station:
    return Station(founded, data_folder)


def faults(done: Done) -> list[str]:
    return [line for line in done.out.splitlines() if line.startswith("✗")]


def test_a_counter_that_nobody_touched_is_whole(station):
    done = station.doctor()

    assert faults(done) == []
    assert done.status == 0
    assert "✓ 操作日志没有被动过" in done.out
    assert "✓ 查看日志没有被动过：3 条" in done.out
    assert "✓ 留痕、打印和结账的记录与操作日志一致" in done.out


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE access_log SET staff_id = 'x' WHERE number = 2", ["查看日志第 2 条被改过", "查看档案"]),
        ("DELETE FROM access_log WHERE number = 2", ["查看日志第 2 条被删掉了"]),
        ("UPDATE operation SET act = 'resident.remove' WHERE op = (SELECT op FROM operation_link WHERE number = 3)",
         ["操作日志第 3 条被改过", "陶丽华", "作废档案"]),
        ("DELETE FROM operation_link WHERE number = 3", ["操作日志第 3 条被删掉了"]),
        ("INSERT INTO operation (op, device, seq, act, made_at, schema_version, origin, state) SELECT 'x', device, 99,"
         " 'resident.edit', made_at, 1, 'local', 'applied' FROM operation LIMIT 1",
         ["操作日志第 99 笔是后来塞进去的", "改资料"]),
        ("UPDATE service_event SET why = '2'", ["留痕", "被改过", "看完整号码", "陶丽华"]),
        ("DELETE FROM service_event", ["留痕", "被删掉了", "看完整号码"]),
        ("UPDATE month_close SET ledgers = '[]'", ["月度结账", "被改过", "结账"]),
        ("UPDATE slip_print SET printed_by = 'x'", ["推荐信打印", "被改过"]),
        ("INSERT INTO service_event (id, kind, subject_type, subject_id, happened_at, rev, extra)"
         " SELECT 'strange', kind, subject_type, subject_id, happened_at, 0, extra FROM service_event LIMIT 1",
         ["留痕 strange 没有哪一笔操作办过它"]),
    ],
)  # fmt: skip
def test_what_was_done_to_a_line_is_told_with_its_number_and_whose_it_was(station, statement, words):
    station.attack(statement)

    done = station.doctor()

    assert done.status == 1
    [told] = faults(done)
    assert [word for word in words if word not in told] == []
    assert "报给区里" in done.out
    assert NAME not in done.out and RESIDENT["id_no"] not in done.out


def test_what_is_repaired_otherwise_does_not_touch_the_logs(station):
    station.attack("DELETE FROM access_log WHERE number = 2", "DELETE FROM search_entry")

    done = station._run("doctor")

    assert done.status == 1
    assert "查看日志第 2 条被删掉了" in done.out
    assert "查看日志第 2 条被删掉了" in station.doctor().out


def test_the_doctor_asks_the_district_and_goes_by_the_last_word_where_it_cannot(station, district):
    run = station._run
    assert run("enrol", district.url, district.code("supervisor")).status == 0
    assert run("sync", "--once").status == 0
    whole = station.doctor()
    station.attack("DELETE FROM access_log WHERE number = 3")
    online = station.doctor()
    district.stop()
    offline = station.doctor()

    assert whole.status == 0 and "也对得上" in whole.out
    assert (online.status, offline.status) == (1, 1)
    assert "查看日志从第 3 条起被截掉了：区里有过第 3 条" in online.out
    assert "问不到区里" in offline.out and "查看日志从第 3 条起被截掉了" in offline.out
