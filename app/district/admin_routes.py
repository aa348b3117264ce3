"""Endpoints for whoever keeps the server alive."""

from fastapi import APIRouter, Request, Response

from app import __version__
from app.district.deps import Store
from app.district.problems import respond
from app.district.store import EPOCH, get_fact
from app.sync.protocol import dumps

router = APIRouter(tags=["admin"])


@router.get("/health")
def health(request: Request, store: Store) -> Response:
    """Tell that the server runs and reaches its database."""
    with store.read() as connection:
        epoch = get_fact(connection, EPOCH)
    return respond(request, dumps({"ok": epoch is not None, "version": __version__}))
