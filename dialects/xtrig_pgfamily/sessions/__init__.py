"""``sessions:`` on PostgreSQL: roles, tables, views, functions and one login trigger.

The bodies of the functions are in ``sql/``, a file each. Costs and failures were measured on 18.4.
"""

from xtrig_pgfamily.sessions.names import Names
from xtrig_pgfamily.sessions.recording import Recording

__all__ = ["Names", "Recording"]
