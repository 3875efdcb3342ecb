"""Deploying a set: plan, apply, status, drop. Nothing else in xtrig changes a database of the user's."""

from typing import TYPE_CHECKING, Any

from xtrig.connect import Where
from xtrig.deploy.apply import apply
from xtrig.deploy.drop import Removal, drop, removal
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.plan import Plan, plan
from xtrig.deploy.planfile import SavedPlan, load_plan, save_plan
from xtrig.deploy.report import DeploymentError, Latency, Login, ProofError, RefusedPlanError, Report
from xtrig.deploy.status import Condition, ObjectStatus, Status, status
from xtrig.deploy.switch import disable, enable
from xtrig.dialect.deployment import Stage
from xtrig.dialect.history import Entry
from xtrig.dialect.objects import Action, Change, Difference
from xtrig.progress import NoProgress, Progress

if TYPE_CHECKING:
    from xtrig.deploy.live import import_database

__all__ = [
    "Action",
    "Bounds",
    "Canary",
    "Change",
    "Condition",
    "DeploymentError",
    "Difference",
    "Entry",
    "Latency",
    "Listener",
    "Login",
    "NoProgress",
    "ObjectStatus",
    "Plan",
    "Progress",
    "ProofError",
    "RefusedPlanError",
    "Removal",
    "Report",
    "SavedPlan",
    "Silent",
    "Stage",
    "Status",
    "Where",
    "apply",
    "disable",
    "drop",
    "enable",
    "import_database",
    "load_plan",
    "plan",
    "removal",
    "save_plan",
    "status",
]

# Former names, for programs that import them.
Listener = Progress
Silent = NoProgress


def __getattr__(name: str) -> Any:
    # Deploying does without what reads and writes definitions.
    if name != "import_database":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from xtrig.deploy.live import import_database

    return import_database
