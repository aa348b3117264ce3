"""New versions of the program, as the counter sees them: what is there, what it brings, when it is installed."""
