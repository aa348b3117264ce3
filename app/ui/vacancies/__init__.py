"""Vacancies and employers: review, publishing, forms."""
