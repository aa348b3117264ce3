"""The administrator's guide does what it says: its ten commands, its joining sheets, its drill and its restore."""

import contextlib
import io
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.commands.parser import build_parser
from app.district.main import _parser
from app.sync.invitation import read_invitation
from tests.docs.guide import CHINESE, ENGLISH, LOOKED_AT, ROOT, UNIT, Machine, block_with, blocks, machine
from tests.factories import fictional_id
from tests.printing.reading import page_count

TEN = block_with("apt-get update")
DRILL = block_with("runuser -u doorstep -- pg_dump")
RESTORE = block_with("systemctl stop")
BY_PIP = block_with("apt-get install -y postgresql cron python3-venv")


# Both languages, and what cannot be run here


def test_both_guides_give_the_same_commands_under_as_many_headings_and_rows():
    shapes = []
    for guide in (CHINESE, ENGLISH):
        text = guide.read_text("utf-8")
        rows = [line.count("|") for line in text.splitlines() if line.startswith("|")]
        headings = [
            len(found) for found in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
        ]
        notes = len(re.findall(r"^(?:- |\d+\. )", text, re.MULTILINE))
        shapes.append((blocks(guide), headings, rows, notes))

    assert shapes[0] == shapes[1]


def test_there_are_exactly_ten_commands_numbered_in_both_guides():
    for guide in (CHINESE, ENGLISH):
        numbers = re.findall(r"^# (\d+) ", guide.read_text("utf-8"), re.MULTILINE)

        assert numbers == [str(n) for n in range(1, 11)]
    assert len(TEN) == 10


def test_every_command_of_ours_in_the_guide_is_one_that_the_program_takes():
    parsers = {"doorstep-district": _parser(), "doorstep": build_parser()}
    taken, refused = 0, []
    for line in (line for block in blocks(CHINESE) for line in block if "," not in line.split(" ")[0]):
        words = shlex.split(line.removeprefix("runuser -u doorstep -- "))
        if words[0] not in parsers:
            continue
        told = io.StringIO()
        try:
            with contextlib.redirect_stderr(told):
                parsers[words[0]].parse_args(words[1:])
            taken += 1
        except SystemExit:
            refused.append((line, told.getvalue()))

    assert refused == []
    assert taken > 6


def test_what_is_only_looked_at_names_things_that_are_there():
    looked_at = [line for line in TEN if line.startswith(LOOKED_AT)]
    unit = UNIT.read_text("utf-8")
    user = shlex.split(next(line for line in looked_at if line.startswith("adduser")))

    assert [line.split()[0] for line in looked_at] == ["apt-get", "apt-get", "adduser", "systemctl"]
    assert looked_at[-1].split()[-1] == UNIT.stem
    assert f"User={user[-1]}\n" in unit
    assert f"WorkingDirectory={user[user.index('--home') + 1]}\n" in unit
    assert "EnvironmentFile=/etc/doorstep/district.env\n" in unit


def test_the_unit_is_one_that_systemd_takes_and_shuts_in():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")

    verified = subprocess.run(["systemd-analyze", "verify", str(UNIT)], capture_output=True, text=True, timeout=60)
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", str(UNIT)], capture_output=True, text=True, timeout=60
    )

    complaints = [line for line in verified.stderr.splitlines() if UNIT.stem in line and "not executable" not in line]
    level = re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)
    assert complaints == []
    assert level is not None
    assert float(level[1]) < 2


def test_every_file_that_the_way_by_pip_names_is_in_the_source():
    named = {word for line in BY_PIP for word in shlex.split(line) if word.startswith("installer/")}

    assert named == {
        "installer/requirements-district.lock",
        "installer/link_programs.py",
        "installer/deb/doorstep-district.service",
    }
    assert all((ROOT / name).is_file() for name in named)


# What is run


@pytest.fixture(scope="module")
def hour(postgres_server, tmp_path_factory):
    """Yield a machine after the ten commands, whose first counter has joined by the printed sheet."""
    if "host" not in sa.make_url(postgres_server).query:
        pytest.skip("the guide's database is reached by its socket")
    folder = Path(tmp_path_factory.mktemp("hour"))
    with machine(folder, postgres_server) as made:
        told = [made.run(line) for line in TEN if not line.startswith(LOOKED_AT[:2])]
        assert "1 张入网通知" in told[-2]
        line = made.sheet("first.pdf")[0]
        made.counter("first", "enrol", line, "--staff", "陶丽华", "--device-name", "1 号窗口")
        made.ten = told
        yield made


def register(made: Machine, name: str, born: str) -> None:
    """Register somebody at the first counter, from a table."""
    file = made.folder / "people.csv"
    file.write_text(f"姓名,证件号码,手机\n{name},{fictional_id(born, 997)},19900000007\n", "utf-8-sig")
    made.counter("first", "import", "residents", str(file))


def known(made: Machine) -> int:
    return len(made.ask("SELECT 1 FROM record_head WHERE record_type = 'resident'"))


def test_the_sheet_names_the_servers_own_pin_and_the_counter_that_it_admits_syncs(hour):
    asked = read_invitation(hour.sheet("first.pdf")[0])
    pins = [line for said in hour.ten for line in said.splitlines() if line.startswith("sha256:")]
    before = known(hour)

    register(hour, "方一鸣", "19800101")
    hour.counter("first", "sync", "--once")

    assert asked.url == f"https://127.0.0.1:{hour.port}"
    assert [asked.pin] == pins
    assert known(hour) == before + 1
    assert "陶丽华" not in hour.settings.read_text("utf-8")


def test_the_twenty_and_the_list_become_sheets_by_the_guides_own_lines(hour):
    stations = next(block for block in blocks(CHINESE) if block[0].startswith("station,role"))
    (hour.data / "stations.csv").write_text("\n".join(stations) + "\n", "utf-8")

    for line in (*block_with("runuser -u doorstep -- doorstep-district enrol-code --station 330110001001 --role clerk"),
                 *block_with("runuser -u doorstep -- doorstep-district enrol-code --list")):  # fmt: skip
        hour.run(line)

    asked = [read_invitation(line) for line in hour.sheet("all.pdf")]
    assert page_count((hour.data / "sheets.pdf").read_bytes()) == 10
    assert [each.station for each in asked].count("330110001001") == 4
    assert len(asked) == 5


def test_the_nightly_line_makes_a_backup_that_can_be_read(hour):
    line = (hour.folder / "cron").read_text("utf-8")
    schedule, user, command = line.split(None, 5)[:5], *line.split(None, 6)[5:]

    hour.run(f"runuser -u {user} -- " + command.strip().replace(r"\%", "%"))

    (made,) = hour.data.glob("backup-*.dump")
    listed = hour.run(f"pg_restore --list {made}")
    assert schedule == ["30", "2", "*", "*", "*"]
    assert all(
        f"TABLE DATA public {table} " in listed for table in ("received_op", "blob_piece", "station_key", "device")
    )


def test_the_drill_ends_with_no_difference_and_leaves_nothing(hour):
    register(hour, "孟晚晴", "19820303")
    hour.counter("first", "sync", "--once")
    told = [hour.run(line) for line in DRILL]

    with hour.engine.connect() as connection:
        names = set(connection.exec_driver_sql("SELECT datname FROM pg_database").scalars())
    assert re.search(r"核对了 [1-9]\d* 份记录、[1-9]\d* 条变动：0 处不符", told[3])
    assert "doorstep" in names
    assert "doorstep_drill" not in names


def test_after_a_restore_in_earnest_the_counter_sends_again_what_the_backup_lacked(hour):
    hour.run(DRILL[0])
    before = known(hour)
    register(hour, "康思远", "19810202")
    hour.counter("first", "sync", "--once")

    told = [hour.run(line) for line in RESTORE]
    after = known(hour)
    hour.counter("first", "sync", "--once")

    assert "新的一期" in told[4]
    assert (after, known(hour)) == (before, before + 1)
    assert "0 处不符" in hour.run("runuser -u doorstep -- doorstep-district verify")
