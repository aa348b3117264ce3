"""A batch of codes as sheets: each computer's own, readable by a scanner, and no code where the wish is wrong."""

import csv
import stat
from datetime import timedelta
from io import StringIO

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app import clock
from app.district import settings_file
from app.district.certificate import write_certificate
from app.district.main import main
from app.sync.invitation import read_invitation
from tests.printing.reading import page_count, page_text

URL = "https://qu.example:8765"


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path / 'district.db'}"


def codes_in(database):
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    if not sa.inspect(engine).has_table("enrol_code"):
        return 0
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM enrol_code").scalar()


def scanned(pdf):
    """Return what a scanner reads on every page, top first."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            codes = zxingcpp.read_barcodes(
                page.render(scale=2.5, grayscale=True).to_pil(), zxingcpp.BarcodeFormat.QRCode
            )
            found += [code.text for code in sorted(codes, key=lambda code: code.position.top_left.y)]
    return found


def signed_by_another(file):
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("authority", "qu.example")]
    made = x509.CertificateBuilder(*names, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


def test_twenty_computers_get_twenty_sheets_each_with_its_own_code_and_the_servers_pin(database, tmp_path, capsys):
    cert, out = tmp_path / "cert.pem", tmp_path / "codes.pdf"
    pin = write_certificate(cert, tmp_path / "key.pem", ["qu.example"])
    words = ["--station", "330110001001", "--name", "溪桥社区就业服务站", "--role", "clerk", "--count", "20"]

    given = ["--url", URL, "--tls-cert", str(cert), "--out", str(out)]
    status = main(["enrol-code", "--database", database, *words, *given])

    pdf = out.read_bytes()
    asked = [read_invitation(line) for line in scanned(pdf)]
    first = page_text(pdf)
    assert status == 0
    assert page_count(pdf) == 10
    assert len({each.code for each in asked}) == 20 == codes_in(database)
    assert {(each.url, each.pin, each.station) for each in asked} == {(URL, pin, "330110001001")}
    assert all(code in "".join(page_text(pdf, page) for page in range(10)) for code in (each.code for each in asked))
    assert all(
        word in first for word in ("入网通知", "溪桥社区就业服务站", "窗口经办", "第 2 张，共 20 张", "用过请撕掉")
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "20 张入网通知" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_list_of_stations_becomes_one_table(database, tmp_path, encoding):
    listed, out = tmp_path / "stations.csv", tmp_path / "codes.csv"
    lines = ["station,role,name,count", "330110001001,supervisor,溪桥站,1", "330110001002,clerk,乐业空间,3", ",,,"]
    listed.write_text("\n".join(lines), encoding)

    status = main(["enrol-code", "--database", database, "--list", str(listed), "--url", URL, "--out", str(out)])

    rows = list(csv.reader(StringIO(out.read_bytes().decode("utf-8-sig"))))
    assert status == 0
    assert [(row[0], row[1], row[2]) for row in rows[1:]] == [
        ("330110001001", "溪桥站", "站长"), *[("330110001002", "乐业空间", "窗口经办")] * 3,
    ]  # fmt: skip
    assert all(read_invitation(row[6]).code == row[3] for row in rows[1:])
    assert codes_in(database) == 4


@pytest.mark.parametrize(
    "words",
    [
        ["--role", "clerk", "--count", "2"],
        ["--station", "1", "--role", "clerk", "--count", "2"],
        ["--station", "1", "--role", "clerk", "--count", "0", "--url", URL, "--out", "{tmp}/a.pdf"],
        ["--station", "1", "--role", "clerk", "--count", "501", "--url", URL, "--out", "{tmp}/a.pdf"],
        ["--station", "1", "--role", "king", "--count", "2", "--url", URL, "--out", "{tmp}/a.pdf"],
        ["--station", "1", "--role", "clerk", "--count", "2", "--out", "{tmp}/a.pdf"],
        ["--station", "1", "--role", "clerk", "--count", "2", "--url", URL, "--out", "{tmp}/a.doc"],
        ["--station", "1", "--role", "clerk", "--count", "2", "--url", URL, "--out", "{tmp}/there.pdf"],
        ["--list", "{tmp}/none.csv", "--url", URL, "--out", "{tmp}/a.pdf"],
        ["--list", "{tmp}/bad.csv", "--url", URL, "--out", "{tmp}/a.pdf"],
        ["--list", "{tmp}/headless.csv", "--url", URL, "--out", "{tmp}/a.pdf"],
        ["--list", "{tmp}/bad.csv", "--count", "2", "--url", URL, "--out", "{tmp}/a.pdf"],
    ],
)
def test_a_wrong_wish_makes_no_code_and_no_file(database, tmp_path, capsys, words):
    (tmp_path / "there.pdf").write_bytes(b"kept")
    (tmp_path / "bad.csv").write_text("station,role,count\n1,clerk,2\n2,clerk,many\n", "utf-8")
    (tmp_path / "headless.csv").write_text("330110001001,clerk\n", "utf-8")

    status = main(["enrol-code", "--database", database, *(word.format(tmp=tmp_path) for word in words)])

    told = capsys.readouterr()
    assert status == 2
    assert len(told.err.strip().splitlines()) == 1
    assert codes_in(database) == 0
    assert not (tmp_path / "a.pdf").exists()
    assert (tmp_path / "there.pdf").read_bytes() == b"kept"


def test_the_settings_give_the_address_and_the_pin_of_a_certificate_of_their_own_only(
    database, tmp_path, monkeypatch, capsys
):
    own, pin = tmp_path / "own.pem", write_certificate(tmp_path / "own.pem", tmp_path / "own.key", ["qu.example"])
    authoritys = signed_by_another(tmp_path / "authority.pem")
    monkeypatch.setenv(settings_file.URL, URL)
    asked = {}

    for name, cert in (("own", own), ("authority", authoritys)):
        monkeypatch.setenv(settings_file.TLS_CERT, str(cert))
        main(["enrol-code", "--database", database, "--station", "330110001001", "--role", "clerk"])
        asked[name] = read_invitation(capsys.readouterr().out.splitlines()[1])

    assert asked["own"].pin == pin
    assert asked["authority"].pin is None
    assert {each.url for each in asked.values()} == {URL}
