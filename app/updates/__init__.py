"""New versions of the program: what is offered, by whom signed, and how it gets onto this computer."""
