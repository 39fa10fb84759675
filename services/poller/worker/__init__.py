"""The arq worker: claims jobs in batches and runs them until the process stops."""
