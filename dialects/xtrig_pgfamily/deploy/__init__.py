"""Changes to statements, and statements to stages with a proof after each."""
