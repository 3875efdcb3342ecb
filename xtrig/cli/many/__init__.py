"""Several databases in one call: which they are, working on them side by side, and one answer for all."""
