"""One class: its lessons, its list, who is to be told, what comes next."""
