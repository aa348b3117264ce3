"""The slip: consent, preview, paper."""
