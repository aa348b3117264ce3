"""Charts, drawn by pyqtgraph in the colours of the theme (ADR 10). The library is imported when the first is wanted."""
