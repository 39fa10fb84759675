"""One package a process; they meet only in the store and over HTTP."""
