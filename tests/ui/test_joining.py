"""Joining a district from the wizard, against a real district server."""

from contextlib import closing
from pathlib import Path

from sqlmodel import select

from app.bootstrap import open_counter
from app.commands.local_district import local_district
from app.models.station import Station
from app.services.outbox import sync_summary
from app.services.stations import find_station
from app.sync.engine import SyncEngine
from app.ui.door import Joining


def test_a_counter_joins_with_a_code_and_its_person_can_work(tmp_path: Path) -> None:
    counter = open_counter(tmp_path / "counter", inline=True, environ={})
    with local_district(tmp_path / "district") as district:
        code = district.enrol_code("330110001001", "supervisor", name="溪桥社区就业服务站")

        founded = counter.join(
            Joining(url=district.url, code=code, staff_name="陶丽华", pin="250613", device_name="1 号窗口")
        )
        actor = counter.sign_in(founded.entry_id, "250613")

        assert actor.name == "陶丽华"
        assert actor.roles == {"supervisor"}
        assert counter.database is not None
        with counter.database.read() as tx:
            assert sync_summary(tx).joined
        counter.close()


def test_a_new_stations_first_supervisor_brings_its_name_along_and_nobody_enters_it_twice(tmp_path: Path) -> None:
    names, stations = ("陶丽华", "韩素云", "陶丽华"), []
    with local_district(tmp_path / "district") as district:
        for number, name in enumerate(names):
            counter = open_counter(tmp_path / f"counter-{number}", inline=True, environ={})
            code = district.enrol_code("330110001001", "supervisor", name="溪桥社区就业服务站")
            founded = counter.join(
                Joining(url=district.url, code=code, staff_name=name, pin="250613", device_name=f"{number} 号窗口")
            )
            counter.sign_in(founded.entry_id, "250613")
            assert counter.database is not None
            with closing(SyncEngine(counter.database)) as engine:
                assert engine.run_once().error is None
            with counter.database.read() as tx:
                found = find_station(tx)
                assert found is not None
                stations.append((found.id, found.name, len(tx.session.exec(select(Station)).all())))
            assert counter.station().name == "溪桥社区就业服务站"
            assert counter.station().code == "330110001001"
            counter.close()

    assert stations == [(stations[0][0], "溪桥社区就业服务站", 1)] * 3
