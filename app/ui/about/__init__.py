"""About: what this program is, and what it carries of others."""
