"""What PostgreSQL and its forks share: a library for dialects, and no dialect itself."""
