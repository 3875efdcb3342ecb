"""Reading existing scripts for PolarDB, whose functions are PL/SQL, for ``xtrig import``."""
