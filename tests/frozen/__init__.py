"""Stores as each released version left them, and the tests that today's program brings every one of them forward."""
