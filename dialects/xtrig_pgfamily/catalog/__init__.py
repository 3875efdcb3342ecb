"""The catalogs: the queries, and what their rows say."""
