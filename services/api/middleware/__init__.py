"""ASGI middleware, in the order in which bootstrap/app.py adds it."""
