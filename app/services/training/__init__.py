"""Training: courses, classes, sign-up, roll call, completion, certificates, home craft (domain sheet 2.12, 2.21)."""
