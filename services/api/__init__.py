"""The HTTP interface: accepts conversations, answers from the record, serves the page."""
