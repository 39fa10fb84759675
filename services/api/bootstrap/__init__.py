"""Wires the API process: settings, connections, the application and the server."""
