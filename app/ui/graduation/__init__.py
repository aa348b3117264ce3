"""The end of a class: scores, certificates, and what came after."""
