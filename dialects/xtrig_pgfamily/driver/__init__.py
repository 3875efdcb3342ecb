"""Connections to servers of the family: libpq's addresses, psycopg, SQLAlchemy."""
