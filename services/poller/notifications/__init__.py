"""Messages to people: which channels the operator has set, what they are sent, and the sending."""
