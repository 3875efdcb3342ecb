"""Deploy a definition from a program: plan, review, apply with proofs, and see that it holds.

    python examples/deploy.py audit.yaml          shows what would be changed
    python examples/deploy.py audit.yaml --yes    changes it

The database is named by XTRIG_DATABASE_URL, or by libpq's PG* variables; the password is best in ~/.pgpass. Who
proves that people can still log in is named by CANARY_ROLES, roles between commas, and CANARY_URLS, ways in
between spaces. The exit codes are those of the command line: 0 in sync, 1 refused, 2 differs, 3 database error.
"""

from __future__ import annotations

import os
import sys

import xtrig
from xtrig.deploy import Bounds, Canary, DeploymentError, ProofError
from xtrig.errors import DatabaseError, UsageError, XtrigError


def main(arguments: list[str]) -> int:
    """Deploy the files that are named; return the exit code."""
    confirmed = "--yes" in arguments
    files = [argument for argument in arguments if argument != "--yes"]
    triggers = xtrig.load(*files)

    # What would be changed. Nothing is, and any role that may log in can ask.
    plan = xtrig.plan(triggers)
    print(plan)
    if plan.refusals:
        return 1
    if not confirmed:
        return 0 if plan.is_empty else 2

    # The plan is applied as it was printed, or not at all: if the database has changed in between, apply() refuses.
    # The roles rehearse the functions, and need no password; the URLs log in once the triggers are live.
    roles = tuple(filter(None, os.environ.get("CANARY_ROLES", "").split(",")))
    urls = tuple(os.environ.get("CANARY_URLS", "").split())
    try:
        report = xtrig.apply(plan, canary=Canary(roles, urls, login_timeout=10), bounds=Bounds(lock_timeout=5))
    except (ProofError, DeploymentError) as error:
        # Everything was taken back. The report says which login failed, and whether one has proved the way back.
        print(f"{error.report.failed}: {error.report.reason}; restored: {error.report.restored}")
        raise
    for login in report.logins:
        print(f"login as {login.who} ({login.proof}): {login.refusal or 'ok'}")

    # The same question that cron should ask from now on.
    found = xtrig.status(triggers)
    for each in found.objects:
        print(f"{each.condition}: {each.kind} {each.name}")
    print("in sync" if found.is_in_sync else "differs")
    return 0 if found.is_in_sync else 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except XtrigError as error:
        print(f"deploy: {error}", file=sys.stderr)
        sys.exit(3 if isinstance(error, DatabaseError) else 64 if isinstance(error, UsageError) else 1)
