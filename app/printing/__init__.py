"""Paper: takes rows, returns the bytes of a PDF. Always Chinese, always in the shipped fonts."""
