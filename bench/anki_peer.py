"""Anki's own sync: ``python -m bench.anki_peer 10000`` prints the seconds of a normal sync of so many notes.

Run only where ``anki`` is installed (``pip install anki``); it is no dependency. Its server runs in a process of its
own on the loopback; the collection is uploaded empty first, so that what is timed is an incremental sync like ours.
"""

import importlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.sync_floor import people

_USER, _WORD = "bench", "bench"


def main(count: int) -> int:
    """Print the seconds."""
    with tempfile.TemporaryDirectory(prefix="doorstep-anki-") as folder:
        port = _free_port()
        settings = {"SYNC_USER1": f"{_USER}:{_WORD}", "SYNC_BASE": folder, "SYNC_HOST": "127.0.0.1"}
        quiet = subprocess.DEVNULL
        command = [sys.executable, "-m", "anki.syncserver"]
        environment = {**os.environ, **settings, "SYNC_PORT": str(port)}
        with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as server:
            try:
                _wait_for(port)
                print(_sync(Path(folder) / "client.anki2", f"http://127.0.0.1:{port}/", count))
            finally:
                server.terminate()
    return 0


def _sync(file: Path, url: str, count: int) -> float:
    collection: Any = importlib.import_module("anki.collection").Collection(str(file))
    auth = collection.sync_login(username=_USER, password=_WORD, endpoint=url)
    auth.endpoint = url
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=auth, server_usn=None, upload=True)
    collection.reopen(after_full_sync=True)
    notetype, deck = collection.models.by_name("Basic"), collection.decks.id("Default")
    for values in people(count):
        note = collection.new_note(notetype)
        note["Front"], note["Back"] = values["name"], str(values)
        collection.add_note(note, deck)
    started = perf_counter()
    collection.sync_collection(auth, sync_media=False)
    return perf_counter() - started


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    for _nth in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            threading.Event().wait(0.05)
        else:
            return
    raise RuntimeError("Anki's server did not start")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
