"""Deploying to PolarDB, with PostgreSQL's catalogs and machinery where they hold. Nothing was seen on a server."""

from xtrig_polardb.deploying.deployment import PolarDBDeployment

__all__ = ["PolarDBDeployment"]
