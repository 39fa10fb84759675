"""Tasks, their states and the changes that are allowed, without I/O."""
