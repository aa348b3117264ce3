"""The server's settings in one file: what it holds, who reads it, and what stands above it."""

import os
import socket
import stat
import subprocess
import sys

import pytest
import sqlalchemy as sa

from app.district import settings_file
from app.district.main import main
from app.errors import UserError


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Return where this test's settings lie; nothing of them stays in the environment."""
    for name in ("DATABASE", "DATA", "URL", "HOST", "PORT", "TLS_CERT", "TLS_KEY"):
        monkeypatch.setenv(getattr(settings_file, name), "")
        monkeypatch.delenv(getattr(settings_file, name))
    made = tmp_path / "etc" / "district.env"
    monkeypatch.setenv(settings_file.FILE_NAME, str(made))
    return made


def written(file, tmp_path, *more):
    given = ["--url", "https://qu.example:8765", "--data", str(tmp_path / "data"), *more]
    return main(["settings", *given])


def test_the_settings_are_written_for_root_and_the_services_group_whatever_the_umask(file, tmp_path):
    before = os.umask(0o077)
    try:
        assert written(file, tmp_path) == 0
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o755
    found = settings_file.read_settings(file.read_text("utf-8"))
    assert found[settings_file.URL] == "https://qu.example:8765"
    assert found[settings_file.PORT] == "8765"
    assert found[settings_file.DATABASE] == settings_file.SERVICE_DATABASE


def test_settings_that_are_there_are_never_overwritten(file, tmp_path, capsys):
    written(file, tmp_path)
    file.write_text("DOORSTEP_DISTRICT_PORT=9000\n", "utf-8")

    assert written(file, tmp_path) == 2

    assert file.read_text("utf-8") == "DOORSTEP_DISTRICT_PORT=9000\n"
    assert "没有改" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    ["qu.example:8765", "http://qu.example:8765", "https://qu.example", "https://qu.example:443",
     "https://qu.example:8765/x", "https://qu.example:eight", "https://:8765", "https://qu.example:8765\nX=1"],
)  # fmt: skip
def test_an_address_that_stations_could_not_use_is_refused_before_anything_is_written(file, url):
    assert main(["settings", "--url", url]) == 2

    assert not file.exists()


def test_a_command_by_hand_opens_the_database_of_the_settings(file, tmp_path):
    database = tmp_path / "served.db"
    written(file, tmp_path, "--database", f"sqlite:///{database}")

    status = main(["enrol-code", "--station", "330110001001", "--role", "clerk"])

    assert status == 0
    engine = sa.create_engine(f"sqlite:///{database}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM enrol_code").scalar() == 1


def test_an_option_stands_above_the_settings(file, tmp_path):
    written(file, tmp_path, "--database", f"sqlite:///{tmp_path / 'served.db'}")

    main(["devices", "--data", str(tmp_path / "other")])

    assert (tmp_path / "other" / "district.db").exists()
    assert not (tmp_path / "served.db").exists()


def test_settings_that_may_not_be_read_stop_the_command_instead_of_opening_an_empty_database(file, monkeypatch):
    file.parent.mkdir()
    file.write_text("", "utf-8")
    monkeypatch.setattr(os, "access", lambda *_given: False)  # root may read everything

    with pytest.raises(UserError, match="runuser -u doorstep"):
        settings_file.check_readable()


def test_root_is_told_whose_command_it_is_instead_of_a_role_that_does_not_exist(file, tmp_path, monkeypatch, capsys):
    written(file, tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    status = main(["devices"])

    assert status == 1
    assert "runuser -u doorstep" in capsys.readouterr().err


def test_the_service_manager_is_told_once_requests_are_taken(tmp_path):
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(address))
        heard.settimeout(60)
        env = {**os.environ, "NOTIFY_SOCKET": str(address), "DOORSTEP_DISTRICT_DATA": str(tmp_path / "data")}
        command = [sys.executable, "-m", "app.district", "serve", "--port", "0"]
        server = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        try:
            said = heard.recv(100)
            told = server.stdout.readline()
        finally:
            server.terminate()
            server.communicate(timeout=20)

    assert said == b"READY=1"
    assert "http://127.0.0.1:" in told
