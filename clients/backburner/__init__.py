"""The Python client of the Backburner API; the command line is ``backburner.cli``."""

from backburner.client import BackburnerError, Client, Event, Message, Page, Part, Task, Thread

__all__ = ["BackburnerError", "Client", "Event", "Message", "Page", "Part", "Task", "Thread"]
