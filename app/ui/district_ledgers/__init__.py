"""The screen 全区台账: the ledgers of all stations, and stations side by side."""
