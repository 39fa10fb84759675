"""Runs Backburner on one machine: an embedded Valkey and all services in one terminal."""
