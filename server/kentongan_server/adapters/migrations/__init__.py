"""Alembic migrations; one is never edited once it was released."""
