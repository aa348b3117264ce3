"""Roll call: people by lessons, one key a mark."""
