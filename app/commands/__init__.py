"""The command line of the counter: one module per group of commands."""
