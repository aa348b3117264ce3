"""Matching: vacancies for one person, with reasons."""
