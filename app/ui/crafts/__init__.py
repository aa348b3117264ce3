"""Home craft: companies' orders, what residents take home, what comes back, what is paid."""
