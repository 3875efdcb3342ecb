"""What a dialect's author and the tests of xtrig run their work against.

This package itself is free of pytest: `xtrig try` uses :mod:`xtrig.testing.server`. The suites to inherit are
in :mod:`xtrig.testing.suite`, which needs the extra ``xtrig[testing]``.
"""
