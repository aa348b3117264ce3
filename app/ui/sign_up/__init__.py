"""Signing up for a class: the checks explained, the waiting list, the slip."""
