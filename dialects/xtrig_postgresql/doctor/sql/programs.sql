SELECT setting AS folder FROM pg_config WHERE name = 'BINDIR'
