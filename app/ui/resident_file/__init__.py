"""The resident file: one person, everything that happened, and what comes next."""
