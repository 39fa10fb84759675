"""Sends events to the webhook endpoints of owners."""
