"""Deploying a set: plan, apply, status, drop. Nothing else in xtrig changes a database of the user's."""

from xtrig.deploy.apply import apply
from xtrig.deploy.drop import Removal, drop, removal
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.plan import Plan, plan
from xtrig.deploy.planfile import SavedPlan, load_plan, save_plan
from xtrig.deploy.report import DeploymentError, ProofError, RefusedPlanError, Report
from xtrig.deploy.status import Condition, ObjectStatus, Status, status
from xtrig.progress import NoProgress, Progress

__all__ = [
    "Bounds",
    "Canary",
    "Condition",
    "DeploymentError",
    "Listener",
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
    "Status",
    "apply",
    "drop",
    "load_plan",
    "plan",
    "removal",
    "save_plan",
    "status",
]

# Former names, for programs that import them.
Listener = Progress
Silent = NoProgress
