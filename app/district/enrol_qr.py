"""An enrolment code with all a station needs to join, in one line of text and as a QR code."""

import argparse
import io
import sys
from pathlib import Path

import segno

from app.district import settings_file
from app.district.certificate import is_own, pin_of_file
from app.errors import InvalidInputError
from app.sync.invitation import Invitation, invited
from app.texts import _

FILE_KINDS = (".png", ".svg")
_BLACK_ON_WHITE, _PLAIN = "\x1b[40;97m", "\x1b[0m"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what ``enrol-code`` takes to hand a code out with its address."""
    command.add_argument("--url", metavar="URL", help=_("站点连哪里，https://…；给了就连同地址写成一行，可以扫码"))
    command.add_argument("--pin", metavar="PIN", help=_("服务端证书的指纹，sha256:…"))
    command.add_argument("--tls-cert", metavar="FILE", type=Path, help=_("从这个证书（PEM）算指纹"))
    command.add_argument(
        "--qr",
        metavar="FILE",
        nargs="?",
        const="",
        help=_("显示二维码；给了文件名就也存成 .png 或 .svg。二维码里有加入码，用完就没用了"),
    )


def check_arguments(args: argparse.Namespace) -> Invitation | None:
    """Return what goes out beside the code, or None for the code alone; before a code is made.

    Where no address is named, it is that of the server's settings, with the pin of a certificate of its own: that of
    an authority is renewed with another key, and counters that trust its pin alone would be shut out.

    Raises:
        InvalidInputError: something is missing or wrong.
    """
    if args.url is None and (own := settings_file.given(settings_file.URL)):
        args.url = own
        cert = settings_file.given(settings_file.TLS_CERT)
        if cert and not args.pin and not args.tls_cert and Path(cert).is_file() and is_own(Path(cert)):
            args.tls_cert = Path(cert)
    if args.url is None:
        if args.qr is not None or args.pin or args.tls_cert:
            raise InvalidInputError({"url": _("要做二维码，请用 --url 写上站点连哪里")})
        return None
    if not args.url.lower().startswith(("http://", "https://")):
        raise InvalidInputError({"url": _("地址要以 https:// 开头：{url}", url=args.url)})
    if args.qr and Path(args.qr).suffix.lower() not in FILE_KINDS:
        raise InvalidInputError({"qr": _("二维码只能存成 .png 或 .svg：{file}", file=args.qr)})
    pin = pin_of_file(args.tls_cert) if args.tls_cert else args.pin
    return invited(args.url, "", pin=pin, station=args.station.strip())


def hand_out(invitation: Invitation, code: str, qr: str | None) -> None:
    """Print the line, and the QR code where it was asked for; ``qr``: a file to write it into too, or ""."""
    whole = Invitation(invitation.url, code, invitation.pin, invitation.station)
    print(whole.text)
    if qr is None:
        return
    print(qr_lines(whole.text, colour=sys.stdout.isatty()))
    if qr:
        segno.make_qr(whole.text, error="m").save(qr, scale=8, border=4)
        print(_("二维码已存到 {file}", file=qr), file=sys.stderr)


def qr_lines(text: str, *, colour: bool) -> str:
    """Return a QR code for a terminal; ``colour`` makes it black on white whatever the terminal's own colours are."""
    drawn = io.StringIO()
    segno.make_qr(text, error="m").terminal(out=drawn, border=4, compact=True)
    lines = drawn.getvalue().rstrip("\n").split("\n")
    return "\n".join(f"{_BLACK_ON_WHITE}{line}{_PLAIN}" if colour else line for line in lines)
