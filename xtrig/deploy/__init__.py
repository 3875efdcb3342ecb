"""Deploying a set: plan, apply, status, drop. Nothing else in xtrig changes a database of the user's."""

from xtrig.deploy.apply import apply
from xtrig.deploy.options import Bounds, Canary
from xtrig.deploy.plan import Plan, plan
from xtrig.deploy.progress import Listener, Silent
from xtrig.deploy.report import DeploymentError, ProofError, RefusedPlanError, Report

__all__ = [
    "Bounds",
    "Canary",
    "DeploymentError",
    "Listener",
    "Plan",
    "ProofError",
    "RefusedPlanError",
    "Report",
    "Silent",
    "apply",
    "plan",
]
