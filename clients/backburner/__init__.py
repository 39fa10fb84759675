"""The client of Backburner's HTTP interface, for programs; ``backburner.cli`` is for people."""

from backburner.client import BackburnerError, Client, Event, Message, Page, Part, Task, Thread

__all__ = ["BackburnerError", "Client", "Event", "Message", "Page", "Part", "Task", "Thread"]
