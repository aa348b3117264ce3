"""Where this PC keeps its device secret: never in the data folder, so that a copy of that folder opens nothing."""

import base64
import os
import shutil
import sys
from pathlib import Path
from typing import Protocol

from app import paths
from app.db.durable import translated, write_durable
from app.errors import StorageError
from app.texts import _

SECRET_BYTES = 32
_TOOL_SECONDS = 8


class SecretStore(Protocol):
    """Keeps one secret per keyring id."""

    @property
    def kind(self) -> str:
        """Return the name under which ``keyring.json`` remembers this store."""

    def save(self, keyring_id: str, secret: bytes) -> None:
        """Keep the secret durably."""

    def load(self, keyring_id: str) -> bytes | None:
        """Return the secret, or None if this PC does not have it."""

    def forget(self, keyring_id: str) -> None:
        """Remove the secret."""

    def describe(self) -> str:
        """Say in one sentence where the secret lies."""


class FileSecretStore:
    """A file that only this user of the PC may read."""

    kind = "file"

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else paths.secrets()

    def save(self, keyring_id: str, secret: bytes) -> None:
        """Keep the secret in its own file, mode 0600.

        Raises:
            StorageError: the file cannot be written, or the system did not seal it.
        """
        content = self._protect(secret)
        if not content:
            raise StorageError(_("系统没有替设备密钥加密，这次没有存"), code="keyring.not_sealed")
        write_durable(self._path(keyring_id), content)

    def load(self, keyring_id: str) -> bytes | None:
        """Return the secret, or None if there is no such file.

        Raises:
            StorageError: the file cannot be read or is not one of ours.
        """
        path = self._path(keyring_id)
        if not path.exists():
            return None
        with translated(path):
            secret = self._unprotect(path.read_bytes())
        if len(secret) != SECRET_BYTES:
            raise StorageError(
                _("设备密钥文件坏了：{where}。用恢复密钥可以打开。", where=str(path)), code="keyring.bad_secret"
            )
        return secret

    def forget(self, keyring_id: str) -> None:
        """Remove the file."""
        with translated(self.folder):
            self._path(keyring_id).unlink(missing_ok=True)

    def describe(self) -> str:
        """Say in one sentence where the secret lies."""
        return _("设备密钥存在只有本机当前用户能读的文件里：{where}", where=str(self.folder))

    def _path(self, keyring_id: str) -> Path:
        return self.folder / f"{keyring_id}.{self.kind}"

    def _protect(self, secret: bytes) -> bytes:
        return base64.b64encode(secret)

    def _unprotect(self, content: bytes) -> bytes:
        try:
            return base64.b64decode(content, validate=True)
        except ValueError:
            return b""


class DpapiSecretStore(FileSecretStore):
    """The same file, its content sealed by Windows for this user of this PC (DPAPI)."""

    kind = "dpapi"

    def describe(self) -> str:
        """Say in one sentence where the secret lies."""
        return _("设备密钥由 Windows 为本机当前用户加密保管：{where}", where=str(self.folder))

    def _protect(self, secret: bytes) -> bytes:
        return _dpapi(secret, seal=True)

    def _unprotect(self, content: bytes) -> bytes:
        return _dpapi(content, seal=False)


class SecretServiceStore:
    """The desktop's own keyring, by way of libsecret's ``secret-tool``."""

    kind = "secret_service"

    def save(self, keyring_id: str, secret: bytes) -> None:
        """Keep the secret in the desktop's keyring and read it back.

        Raises:
            StorageError: the desktop's keyring did not take it.
        """
        text = base64.b64encode(secret).decode("ascii")
        stored = self._tool("store", "--label=Doorstep", "doorstep-keyring", keyring_id, given=text)
        if stored is None or self.load(keyring_id) != secret:
            raise StorageError(_("桌面的密钥环没有收下设备密钥"), code="keyring.secret_service")

    def load(self, keyring_id: str) -> bytes | None:
        """Return the secret, or None if the desktop's keyring does not have it or stays shut."""
        text = self._tool("lookup", "doorstep-keyring", keyring_id)
        try:
            return base64.b64decode(text.strip(), validate=True) if text else None
        except ValueError:
            return None

    def forget(self, keyring_id: str) -> None:
        """Remove the secret."""
        self._tool("clear", "doorstep-keyring", keyring_id)

    def describe(self) -> str:
        """Say in one sentence where the secret lies."""
        return _("设备密钥存在桌面的密钥环里（Secret Service）")

    def available(self) -> bool:
        """Try it: a service that is only half there (no session bus, locked, no collection) does not count."""
        if not os.environ.get("DBUS_SESSION_BUS_ADDRESS") or shutil.which("secret-tool") is None:
            return False
        trial = f"trial-{os.urandom(8).hex()}"
        try:
            self.save(trial, os.urandom(SECRET_BYTES))
        except StorageError:
            return False
        self.forget(trial)
        return True

    def _tool(self, *arguments: str, given: str = "") -> str | None:
        import subprocess  # not on a PC whose secret is in a file

        try:
            done = subprocess.run(
                ["secret-tool", *arguments],
                input=given,
                capture_output=True,
                text=True,
                timeout=_TOOL_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None


def choose_store() -> SecretStore:
    """Return the best store that this PC really has; ``DOORSTEP_SECRETS`` asks for a folder by name."""
    if sys.platform == "win32":
        return DpapiSecretStore()
    service = SecretServiceStore()
    if not os.environ.get("DOORSTEP_SECRETS") and service.available():
        return service
    return FileSecretStore()


def store_of_kind(kind: str) -> SecretStore:
    """Return the store that a keyring says its secret is in."""
    if kind == DpapiSecretStore.kind:
        return DpapiSecretStore()
    return SecretServiceStore() if kind == SecretServiceStore.kind else FileSecretStore()


def _dpapi(content: bytes, *, seal: bool) -> bytes:
    """Call CryptProtectData or CryptUnprotectData; an unreadable blob gives no bytes."""
    if sys.platform != "win32":
        return b""
    import ctypes  # Windows alone needs it
    from ctypes import wintypes

    class Blob(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("content", ctypes.POINTER(ctypes.c_char)))

    buffer = ctypes.create_string_buffer(content, len(content))
    given, made = Blob(len(content), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char))), Blob()
    crypt32, kernel32 = ctypes.windll.crypt32, ctypes.windll.kernel32
    act = crypt32.CryptProtectData if seal else crypt32.CryptUnprotectData
    no_window = 0x1  # CRYPTPROTECT_UI_FORBIDDEN
    if not act(ctypes.byref(given), None, None, None, None, no_window, ctypes.byref(made)):
        return b""
    try:
        return ctypes.string_at(made.content, made.size)
    finally:
        kernel32.LocalFree.argtypes = [ctypes.c_void_p]
        kernel32.LocalFree(ctypes.cast(made.content, ctypes.c_void_p))
