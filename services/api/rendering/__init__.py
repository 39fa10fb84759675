"""Turns an answer's Markdown into HTML that is safe to put into the page."""
