"""Trust in the server by its public key: a pin, SHA-256 of the certificate's SubjectPublicKeyInfo.

With a pin nothing else counts: no certificate authority needs to be known, a new certificate with the same key is as
good as the old one, and the date, which a PC whose clock is years off gets wrong, decides nothing. It is checked after
the handshake, which proves that the server has the key, and before anything is sent.
"""

import hashlib
import hmac
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection

from app.errors import OfflineError
from app.sync.invitation import normal_pin
from app.texts import _


def pin_of(certificate: bytes) -> str:
    """Return the pin of a certificate in DER.

    Raises:
        ValueError: it cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(certificate).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{hashlib.sha256(spki).hexdigest()}"


class PinnedAdapter(HTTPAdapter):
    """Lets requests go to a server with this public key alone."""

    def __init__(self, pin: str) -> None:
        self._pin = normal_pin(pin)
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        """Make connections that look at the key first."""
        connection = type("_Connection", (_PinnedConnection,), {"pin": self._pin})
        pool = type("_Pool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
        manager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        manager.pool_classes_by_scheme = {"https": pool}
        self.poolmanager = manager


class _PinnedConnection(HTTPSConnection):
    pin = ""

    def connect(self) -> None:
        """Shake hands, then look at the server's key; no byte of a request has gone out yet.

        Raises:
            OfflineError: it is another key.
        """
        super().connect()
        certificate = self.sock.getpeercert(binary_form=True)  # type: ignore[union-attr]
        try:
            found = pin_of(certificate or b"")
        except Exception:  # noqa: BLE001 - whatever is wrong with a stranger's certificate, it is not ours
            found = ""
        if not hmac.compare_digest(found, self.pin):
            self.close()
            text = _("区里的证书和加入时的不一样，可能有人冒充，也可能区里换了证书。没有送任何东西，请转站长问区里")
            raise OfflineError(text, code="sync.certificate")
        self.is_verified = True
