"""A private PostgreSQL server for `xtrig try`, for a demo or for tests; needs the extra ``xtrig[embedded]``."""
