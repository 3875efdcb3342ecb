"""``python -m xtrig``."""

from xtrig.cli import main

main()
