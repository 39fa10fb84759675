"""The jobs of the queue: submit, poll, adopt, delete, and pausing submissions."""
