"""How long a task usually takes and what it usually costs, and how one under way compares."""
