"""Many questions from a JSONL file, in the shapes of OpenAI's Batch API."""
