"""The jobs of the queue: submit, poll, adopt and delete a task."""
