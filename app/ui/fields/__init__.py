"""Form fields, one family per module; import them from ``app.ui.forms``."""
