"""Creating tasks, reading their input and following their threads."""
