"""HTTP headers parsed and written: ETags, Accept, timestamps, durations."""
