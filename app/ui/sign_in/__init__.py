"""Sign-in by staff and PIN, offline."""
