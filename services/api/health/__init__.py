"""Health checks behind /readyz, /metrics and the log."""
