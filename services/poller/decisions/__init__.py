"""Pure decisions: what a reply, an error or the clock means for a task."""
