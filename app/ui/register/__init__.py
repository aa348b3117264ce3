"""求职登记 (F2): the ID number first, everything else follows."""
