"""The verbs of :mod:`xtrig.deploy` for programs that run in asyncio.

>>> plan = await xtrig.aio.plan(triggers, engine)

``where`` may also be an AsyncEngine, an AsyncConnection or an AsyncSession of SQLAlchemy. A connection or a session is
used in the caller's transaction, as its synchronous form is. With an engine or a URL the work is done in a thread, so
that the event loop goes on, and on connections of xtrig's own to the same database. Where the task is cancelled, the
thread goes on to the end of the deployment.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from xtrig import deploy
from xtrig.connect import open_place

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

__all__ = ["apply", "disable", "drop", "enable", "plan", "removal", "status"]


def _awaitable(verb: Callable[Parameters, Result]) -> Callable[Parameters, Awaitable[Result]]:
    signature = inspect.signature(verb)

    @wraps(verb)
    async def awaitable(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        given = signature.bind(*args, **kwargs)
        where: Any = given.arguments.get("where")

        def run(place: Any) -> Result:
            given.arguments["where"] = place
            return verb(*given.args, **given.kwargs)

        if hasattr(where, "run_sync"):
            result: Result = await where.run_sync(run)
            return result
        if hasattr(where, "sync_engine"):
            async with where.connect() as connection:
                where = await connection.run_sync(_address)
        return await asyncio.to_thread(run, where)

    return awaitable


def _address(connection: Any) -> Any:
    with open_place(connection) as place:
        return place.session.address


apply = _awaitable(deploy.apply)
disable = _awaitable(deploy.disable)
drop = _awaitable(deploy.drop)
enable = _awaitable(deploy.enable)
plan = _awaitable(deploy.plan)
removal = _awaitable(deploy.removal)
status = _awaitable(deploy.status)
