"""What a dialect's author runs a dialect against: the suites of :mod:`xtrig.testing.suite`.

They need the extra ``xtrig[testing]``; this package itself is free of pytest.
"""
