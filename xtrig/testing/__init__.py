"""What a dialect's author and the tests of xtrig run their work against; shipped, and free of pytest."""
