"""The dashboard: the figures of a month, and the rows behind each."""
