"""Referrals and their outcome."""
