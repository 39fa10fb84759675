"""Errors of the API and the RFC 9457 problem documents that answer them."""
