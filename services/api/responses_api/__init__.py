"""OpenAI's Responses API as a view of the tasks."""
