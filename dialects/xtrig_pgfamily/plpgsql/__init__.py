"""Functions in plpgsql: the steps, and the guards around them."""
