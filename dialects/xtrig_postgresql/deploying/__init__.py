"""Deploying to PostgreSQL: the catalogs it is read from, and the statements it is changed with."""

from xtrig_postgresql.deploying.deployment import PostgreSQLDeployment

__all__ = ["PostgreSQLDeployment"]
