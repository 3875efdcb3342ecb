"""The objects that a definition has on PostgreSQL and its forks: a class for each kind, a file for each class."""

from xtrig_pgfamily.objects.catalog_object import CatalogObject, Grant
from xtrig_pgfamily.objects.event_trigger import EventTrigger
from xtrig_pgfamily.objects.function import Function, Setting
from xtrig_pgfamily.objects.role import Role
from xtrig_pgfamily.objects.schema import Schema
from xtrig_pgfamily.objects.table import Table, TableColumn
from xtrig_pgfamily.objects.view import View

__all__ = [
    "CatalogObject",
    "EventTrigger",
    "Function",
    "Grant",
    "Role",
    "Schema",
    "Setting",
    "Table",
    "TableColumn",
    "View",
]
