"""The screen 台账: the ledgers of a period, looked at and taken out."""
