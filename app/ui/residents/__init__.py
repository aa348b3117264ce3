"""居民: find somebody, open the file."""
