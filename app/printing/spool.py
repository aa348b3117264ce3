"""What is kept of a printed document: its fingerprint, never its pages."""

import hashlib


def pdf_sha256(document: bytes) -> str:
    """Return the SHA-256 of a document in hex: the same rows give the same one, so a reprint can be compared."""
    return hashlib.sha256(document).hexdigest()
