"""The subcommands of ``xtrig audit``, a module each."""
