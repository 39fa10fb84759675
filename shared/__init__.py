"""What every service agrees on: the task, its states, the store and the queue."""
