"""What /readyz, /metrics and the system view say about the installation."""
