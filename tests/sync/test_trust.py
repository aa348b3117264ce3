"""Trust in the server: pins, authorities, and a sentence for each certificate that is not the district's."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image

from app.district.certificate import write_certificate
from app.district.main import main as district_main
from app.errors import InvalidInputError, OfflineError, RuleError
from app.sync.asking import ask_devices
from app.sync.engine import SyncEngine, enrol
from app.sync.invitation import Invitation, invited, is_invitation, read_invitation
from app.sync.line import trouble_of
from app.sync.listening import Listener
from app.sync.membership import membership
from app.sync.release_fetch import ask
from app.sync.transport import HttpTransport
from app.sync.trust import pin_of
from tests.district.live import OTHER, STATION, Live, running

DAY = datetime.timedelta(days=1)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def certificate(
    folder: Path,
    name: str,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    host: str = "127.0.0.1",
    begins: datetime.timedelta = -DAY,
    ends: datetime.timedelta = DAY,
) -> tuple[Path, Path, str, ec.EllipticCurvePrivateKey]:
    """Write a self-signed certificate; return it, its key's file, its pin and the key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(title, title, key.public_key(), x509.random_serial_number())
        .not_valid_before(now() + begins)
        .not_valid_after(now() + ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / f"{name}.pem", folder / f"{name}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, secret, pin_of(made.public_bytes(serialization.Encoding.DER)), key


@contextlib.contextmanager
def served(live: Live, cert: Path, key: Path, port: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Serve a district over TLS; yield its address and the paths that were asked of it."""
    asked: list[str] = []

    async def watched(scope, receive, send):
        asked.append(scope["path"])
        await live.api(scope, receive, send)

    config = uvicorn.Config(
        watched, port=port, log_config=None, access_log=False, lifespan="off", ssl_certfile=cert, ssl_keyfile=key
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", asked
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(f"sqlite:///{tmp_path / 'district.db'}") as found:
        yield found


def code_of(transport: HttpTransport) -> str:
    with pytest.raises(OfflineError) as caught:
        transport.enrol("CODE", "窗口", "1", "d", None)
    transport.close()
    return caught.value.code


def test_a_counter_joins_by_an_invitation_and_syncs_with_the_pinned_server_alone(live, tmp_path, new_counter):
    cert, key, pin, _private = certificate(tmp_path, "own")
    counter = new_counter()

    with served(live, cert, key) as (url, _asked):
        enrol(counter.database, Invitation(url, live.code(), pin, STATION).text, "", "窗口")
        counter.engine = SyncEngine(counter.database)
        counter.register()
        report = counter.sync()
        counter.engine.close()

    assert counter.ask(membership).pin == pin
    assert (report.error, report.pushed, report.agreed) == (None, 1, True)


def test_another_certificate_gets_not_one_byte_of_a_request(live, tmp_path, new_counter):
    cert, key, pin, _private = certificate(tmp_path, "own")
    false_cert, false_key, _pin, _false = certificate(tmp_path, "false")
    counter = new_counter()
    with served(live, cert, key) as (url, _asked):
        enrol(counter.database, url, live.code(), "窗口", pin=pin)
    counter.register()
    counter.engine = SyncEngine(counter.database, ca=str(false_cert))  # even one that an authority vouches for

    with served(live, false_cert, false_key, int(url.rpartition(":")[2])) as (_url, asked):
        report = counter.sync()
        heard = Listener(counter.database, lambda: None)
        with pytest.raises(OfflineError) as listening:
            heard._listen()
    counter.engine.close()

    assert report.error[0] == listening.value.code == "sync.certificate"
    assert "没有送任何东西" in report.error[1]
    assert asked == []


ASIDE = {
    "devices": ask_devices,
    "release": lambda database, **how: ask(database, platform="linux-amd64", version="0.1.0", schema="0001", **how),
}


@pytest.mark.parametrize("question", ASIDE.values(), ids=ASIDE)
def test_what_is_asked_beside_the_sync_goes_to_the_pinned_server_alone(live, tmp_path, new_counter, question):
    cert, key, pin, _private = certificate(tmp_path, "own")
    false_cert, false_key, _pin, _false = certificate(tmp_path, "false")
    counter = new_counter()
    with served(live, cert, key) as (url, _asked):
        enrol(counter.database, url, live.code("supervisor"), "窗口", pin=pin)
        question(counter.database)

    port = int(url.rpartition(":")[2])
    with served(live, false_cert, false_key, port) as (_url, asked), pytest.raises(OfflineError) as refused:
        question(counter.database, ca=str(false_cert))

    assert (refused.value.code, asked) == ("sync.certificate", [])


def test_a_renewed_certificate_with_the_same_key_is_taken(live, tmp_path):
    *_files, pin, private = certificate(tmp_path, "own")
    renewed, renewed_key, same, _private = certificate(tmp_path, "renewed", key=private)

    with served(live, renewed, renewed_key) as (url, asked):
        transport = HttpTransport(url, pin=pin)
        with pytest.raises(Exception, match="令牌"):
            transport.status()
        transport.close()

    assert same == pin
    assert asked == ["/v1/status"]


@pytest.mark.parametrize(
    "made",
    [{"ends": -DAY / 2}, {"begins": DAY, "ends": 2 * DAY}, {"host": "192.0.2.7"}],
    ids=["expired", "not yet valid", "of another host"],
)
def test_with_a_pin_neither_date_nor_name_of_the_certificate_decides(live, tmp_path, made):
    cert, key, pin, _private = certificate(tmp_path, "own", **made)

    with served(live, cert, key) as (url, asked):
        transport = HttpTransport(url, pin=pin)
        with pytest.raises(Exception, match="令牌"):
            transport.status()
        transport.close()

    assert asked == ["/v1/status"]


@pytest.mark.parametrize(
    ("made", "code", "word"),
    [
        ({"ends": -DAY / 2}, "sync.certificate_expired", "过期"),
        ({"begins": DAY, "ends": 2 * DAY}, "sync.clock", "校准时钟"),
        ({"host": "192.0.2.7"}, "sync.certificate_host", "别的地址"),
    ],
    ids=["expired", "clock", "host"],
)
def test_each_wrong_certificate_has_its_sentence(live, tmp_path, made, code, word):
    cert, key, _pin, _private = certificate(tmp_path, "own", **made)

    with served(live, cert, key) as (url, asked):
        transport = HttpTransport(url, ca=str(cert))
        with pytest.raises(OfflineError) as caught:
            transport.status()
        transport.close()

    assert caught.value.code == code
    assert word in caught.value.text
    assert "没有送任何东西" in caught.value.text
    assert asked == []


def test_an_unknown_authority_is_refused_and_a_known_one_is_taken(live, tmp_path):
    cert, key, _pin, _private = certificate(tmp_path, "own")

    with served(live, cert, key) as (url, asked):
        unknown = code_of(HttpTransport(url))
        known = HttpTransport(url, ca=str(cert))
        with pytest.raises(Exception, match="令牌"):
            known.status()
        known.close()

    assert unknown == "sync.certificate"
    assert asked == ["/v1/status"]


def test_a_missing_file_of_the_authority_is_said_by_name(tmp_path):
    transport = HttpTransport("https://127.0.0.1:1", ca=str(tmp_path / "gone.pem"))

    with pytest.raises(OfflineError) as caught:
        transport.status()

    transport.close()
    assert caught.value.code == "sync.certificate_file"
    assert "gone.pem" in caught.value.text


def test_a_server_without_tls_is_not_taken_for_a_wrong_certificate(live):
    transport = HttpTransport(live.url.replace("http://", "https://"), pin="sha256:" + "0" * 64)

    assert code_of(transport) == "sync.not_the_district"


def test_a_line_that_breaks_in_the_handshake_is_a_broken_line():
    def hang_up(server: socket.socket) -> None:
        for _n in range(2):
            with contextlib.suppress(OSError):
                server.accept()[0].close()

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        thread = threading.Thread(target=hang_up, args=(server,), daemon=True)
        thread.start()

        assert code_of(HttpTransport(f"https://127.0.0.1:{server.getsockname()[1]}")) == "sync.offline"


def test_a_failure_of_tls_of_which_nothing_is_known_sends_nothing_and_is_offline():
    assert trouble_of(ssl.SSLError(1, "[SSL] internal error"), "https://x").code == "sync.offline"


# The certificate that a district makes for itself


def test_one_command_makes_a_certificate_that_pins_and_authorities_take(live, tmp_path, capsys):
    cert, key = tmp_path / "district.pem", tmp_path / "district.key"

    hosts = ["--host", "127.0.0.1", "--host", "区里.example"]
    status = district_main(["certificate", *hosts, "--cert", str(cert), "--key", str(key)])

    pin = capsys.readouterr().out.splitlines()[0]
    made = x509.load_pem_x509_certificate(cert.read_bytes())
    assert status == 0
    assert key.stat().st_mode & 0o077 == 0
    assert made.not_valid_after_utc - now() > 3600 * DAY
    with served(live, cert, key) as (url, asked):
        for transport in (HttpTransport(url, pin=pin), HttpTransport(url, ca=str(cert))):
            with pytest.raises(Exception, match="令牌"):
                transport.status()
            transport.close()
    assert len(asked) == 2


def test_renewing_keeps_the_pin_and_nothing_is_overwritten_unasked(tmp_path):
    cert, key = tmp_path / "a.pem", tmp_path / "a.key"
    pin = write_certificate(cert, key, ["127.0.0.1"])
    first = cert.read_bytes()

    with pytest.raises(InvalidInputError):
        write_certificate(cert, key, ["127.0.0.1"])
    again = write_certificate(cert, key, ["127.0.0.1", "district.example"], renew=True)

    assert again == pin
    assert cert.read_bytes() != first


@pytest.mark.parametrize("host", ["", "a b", "https://x", "x/y"])
def test_a_host_that_is_none_is_refused(tmp_path, host):
    with pytest.raises(InvalidInputError):
        write_certificate(tmp_path / "a.pem", tmp_path / "a.key", [host])

    assert list(tmp_path.iterdir()) == []


# The invitation: a line of text, and its picture


def test_an_invitation_reads_back_as_it_was_written():
    asked = Invitation("https://district.example:8765/a b", "ABCD-EFGH-JKLM", "sha256:" + "0a" * 32, STATION)

    assert read_invitation(asked.text) == asked


def test_a_scanner_behind_an_input_method_is_understood():
    asked = Invitation("https://district.example", "ABCD-EFGH-JKLM", "sha256:" + "0a" * 32)
    typed = " " + asked.text.replace(":", "：").replace("?", "？").replace("&", "＆") + "\r\n"

    assert is_invitation(typed)
    assert read_invitation(typed) == asked


@pytest.mark.parametrize(
    "text",
    [
        "doorstep:join?",
        "doorstep:join?url=https://x",
        "doorstep:join?code=ABCD",
        "doorstep:join?url=https://x&code=A&pin=sha256:12",
        "doorstep:join?url=http://x&code=A&pin=sha256:" + "0" * 64,
        "doorstep:share?url=https://x&code=A",
    ],
)
def test_half_an_invitation_is_refused_with_a_sentence(text):
    with pytest.raises(InvalidInputError):
        read_invitation(text)


def test_address_and_code_apart_are_as_good_as_the_whole_line():
    assert invited(" https://x/ ", "AB CD") == Invitation("https://x", "ABCD")
    assert invited("", "doorstep:join?url=https://x&code=A") == Invitation("https://x", "A")


def test_an_invitation_for_another_station_is_refused_before_the_code_is_used(live, new_counter, district):
    counter = new_counter().join(district)
    code = live.code(station=OTHER)

    with pytest.raises(RuleError):
        enrol(counter.database, Invitation(live.url, code, None, OTHER).text, "", "窗口")

    fresh = new_counter()
    assert enrol(fresh.database, live.url, code, "窗口")["station_code"] == OTHER


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_qr_code_holds_the_whole_line_and_its_code_admits(live, tmp_path, capsys, kind, new_counter):
    cert, key, pin, _private = certificate(tmp_path, "own")
    picture = tmp_path / f"code.{kind}"
    words = ["enrol-code", "--database", live.database_url, "--station", STATION, "--role", "clerk"]

    with served(live, cert, key) as (url, _asked):
        status = district_main([*words, "--url", url, "--tls-cert", str(cert), "--qr", str(picture)])
        code, line, *drawn = capsys.readouterr().out.splitlines()
        answer = enrol(new_counter().database, line, "", "窗口")

    assert status == 0
    assert read_invitation(line) == Invitation(url, code, pin, STATION)
    assert answer["station_code"] == STATION
    assert len(drawn) > 20
    if kind == "png":
        assert zxingcpp.read_barcodes(Image.open(picture))[0].text == line
    else:
        assert picture.read_bytes().startswith(b"<?xml")


def test_the_qr_code_of_the_terminal_can_be_scanned(live, capsys):
    words = ["enrol-code", "--database", live.database_url, "--station", STATION, "--role", "clerk"]
    district_main([*words, "--url", live.url, "--qr"])
    _code, line, *drawn = capsys.readouterr().out.splitlines()
    width = len(drawn[0])
    picture = Image.new("L", (width, 2 * len(drawn)), 255)
    for row, text in enumerate(drawn):
        for column, half in enumerate(text):
            picture.putpixel((column, 2 * row), 255 if half in "█▀" else 0)
            picture.putpixel((column, 2 * row + 1), 255 if half in "█▄" else 0)

    found = zxingcpp.read_barcodes(picture.resize((width * 8, 16 * len(drawn)), Image.Resampling.NEAREST))

    assert found[0].text == line


@pytest.mark.parametrize(
    "words",
    [
        ["--qr"],
        ["--url", "district.example", "--qr"],
        ["--url", "https://x", "--pin", "sha256:1"],
        ["--url", "http://x", "--pin", "sha256:" + "0" * 64],
        ["--url", "https://x", "--qr", "code.bmp"],
        ["--url", "https://x", "--tls-cert", __file__],
    ],
)
def test_a_wrong_wish_for_a_qr_code_makes_no_code(live, capsys, words):
    given = ["enrol-code", "--database", live.database_url, "--station", STATION, "--role", "clerk", *words]

    status = district_main(given)

    told = capsys.readouterr()
    assert status == 2
    assert told.out == ""
    assert len(told.err.strip().splitlines()) == 1
