"""What makes login triggers unsafe on a PostgreSQL server, and the commands for when nobody can log in."""

from xtrig_postgresql.doctor.doctor import PostgreSQLDoctor

__all__ = ["PostgreSQLDoctor"]
