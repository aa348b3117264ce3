"""Training: classes, the catalogue of courses, and their forms."""
