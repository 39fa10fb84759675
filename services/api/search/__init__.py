"""Finds tasks by the words of their title, prompt and answer."""
