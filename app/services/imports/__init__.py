"""Import of Excel and CSV files: reading, understanding, and the report of every row.

``readers`` opens a file, ``columns`` says what its headings mean, ``postings`` / ``employers`` / ``residents`` turn a
row into a draft, ``writing`` stores a batch, ``report`` says what became of every row, ``job`` drives it all.
"""
