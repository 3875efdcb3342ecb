"""The pages that Oracle's claims are from. No server could be had: nothing here was seen on one."""

from __future__ import annotations

from xtrig.plugin import documented, unverified

_BOOK = "Oracle Database PL/SQL Language Reference"

GRAMMAR = documented(f"{_BOOK} 19c and 23ai, CREATE TRIGGER, system_trigger")
EVENTS = documented(f"{_BOOK} 19c, Triggers for Publishing Events, client event triggers")
ERRORS = documented(f"{_BOOK} 19c, 9.8 Exception Handling in Triggers")
COMPILATION = documented(f"{_BOOK} 23ai, Trigger Compilation, Invalidation, and Recompilation")
ATTRIBUTES = documented(f"{_BOOK} 19c, Event Attribute Functions")
CONTEXT = documented("Oracle Database SQL Language Reference 19c, SYS_CONTEXT, namespace USERENV")
DATES = documented("Oracle Database SQL Language Reference 19c, SYS_EXTRACT_UTC; AT TIME ZONE; TRUNC (date), format IW")
V_SESSION = documented("Oracle Database Reference 19c, V$SESSION")
RIGHTS = documented(f"{_BOOK} 23ai, Triggers for Publishing Events: a trigger is like a definer's-rights unit")
OLD_MANUAL = documented("Oracle9i Application Developer's Guide, Working with System Events")
OPEN = unverified("not said on the pages that were read")
PRACTICE = unverified("usual in public scripts; not said on the pages that were read")
