"""A certificate of its own for a district without a certificate authority: TLS in one command, trusted by its pin."""

import argparse
import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app import clock
from app.errors import InvalidInputError
from app.sync.trust import pin_of
from app.texts import _

YEARS = 10
CLOCK_SLACK = timedelta(days=2)
"""How long before now a new certificate begins: a counter's clock may be a little behind."""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command ``certificate``."""
    told = _("给服务端做一个自签的 TLS 证书，写出它的指纹")
    command = commands.add_parser("certificate", help=told, description=told)
    command.add_argument(
        "--host", action="append", required=True, metavar="HOST", help=_("站点用哪个域名或 IP 连；可以写几次")
    )
    command.add_argument("--cert", type=Path, required=True, metavar="FILE", help=_("证书写到哪里（PEM）"))
    command.add_argument("--key", type=Path, required=True, metavar="FILE", help=_("私钥写到哪里（PEM），不要给别人"))
    command.add_argument("--renew", action="store_true", help=_("用原来的私钥换一个新证书：指纹不变，各站不用动"))
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    made = write_certificate(args.cert, args.key, args.host, renew=args.renew)
    print(made)
    print(_("开服务：{command}", command=f"doorstep-district serve --tls-cert {args.cert} --tls-key {args.key}"))
    code = f"doorstep-district enrol-code … --url https://{args.host[0]}:8765 --tls-cert {args.cert} --qr"
    print(_("发加入码：{command}", command=code))
    return 0


def write_certificate(cert: Path, key: Path, hosts: list[str], *, renew: bool = False) -> str:
    """Write a self-signed certificate for ten years and its key; return its pin.

    Raises:
        InvalidInputError: a host is not one, there is a key already, or none to renew with.
    """
    names = [_name_of(host) for host in hosts]
    if renew:
        private = _read_key(key)
    elif key.exists() or cert.exists():
        text = _("已经有 {file} 了。只换证书、指纹不变，请加 --renew；真要换私钥，先把旧的移走", file=key)
        raise InvalidInputError({"key": text})
    else:
        private = ec.generate_private_key(ec.SECP256R1())
        _write_key(key, private)
    made = _self_signed(private, names, clock.now())
    beside = cert.with_name(cert.name + ".new")
    beside.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    beside.replace(cert)
    return pin_of(made.public_bytes(serialization.Encoding.DER))


def pin_of_file(file: Path) -> str:
    """Return the pin of the first certificate in a PEM file.

    Raises:
        InvalidInputError: there is none.
    """
    return pin_of(_read_certificate(file).public_bytes(serialization.Encoding.DER))


def is_own(file: Path) -> bool:
    """Tell whether the first certificate in a PEM file is signed by its own key, by no authority.

    Raises:
        InvalidInputError: there is none.
    """
    found = _read_certificate(file)
    return found.issuer == found.subject


def _read_certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:
        raise InvalidInputError({"tls": _("这个文件里没有证书：{file}", file=file)}) from None


def _name_of(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:
        name = host.strip().encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not name or len(name) > 253 or any(char in name for char in "/:@ "):
        raise InvalidInputError({"host": _("域名或 IP 写得不对：{host}", host=host)})
    return x509.DNSName(name)


def _self_signed(
    private: CertificateIssuerPrivateKeyTypes, names: list[x509.GeneralName], now: datetime
) -> x509.Certificate:
    """Make a certificate that a counter may also be given as its authority (``--ca``)."""
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Doorstep district")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    key_id = x509.SubjectKeyIdentifier.from_public_key(private.public_key())
    builder = x509.CertificateBuilder(
        issuer_name=title,
        subject_name=title,
        public_key=private.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - CLOCK_SLACK,
        not_valid_after=now + timedelta(days=round(365.25 * YEARS)),
    )
    return (
        builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(key_id, critical=False)
        .sign(private, hashes.SHA256())
    )


def _write_key(file: Path, private: ec.EllipticCurvePrivateKey) -> None:
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(text)


def _read_key(file: Path) -> CertificateIssuerPrivateKeyTypes:
    try:
        private = serialization.load_pem_private_key(file.read_bytes(), None)
    except FileNotFoundError:
        raise InvalidInputError({"key": _("没有这个文件：{file}", file=file)}) from None
    except (ValueError, TypeError):
        raise InvalidInputError({"key": _("这个文件里没有能用的私钥：{file}", file=file)}) from None
    return private  # type: ignore[return-value]
