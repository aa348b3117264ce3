"""Joining a district from the wizard, against a real district server."""

from pathlib import Path

from app.bootstrap import open_counter
from app.commands.local_district import local_district
from app.services.outbox import sync_summary
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
