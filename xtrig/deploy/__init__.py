"""Deploying a set: plan, apply, status, drop. Nothing else in xtrig changes a database of the user's."""

from xtrig.deploy.applying import apply
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.plan import Plan, plan
from xtrig.deploy.planfile import SavedPlan, load_plan, save_plan
from xtrig.deploy.removing import Removal, drop, removal
from xtrig.deploy.report import DeploymentError, ProofError, RefusedPlanError, Report
from xtrig.deploy.status import Condition, ObjectStatus, Status, status
from xtrig.listener import Listener, Silent

__all__ = [
    "Bounds",
    "Canary",
    "Condition",
    "DeploymentError",
    "Listener",
    "ObjectStatus",
    "Plan",
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
