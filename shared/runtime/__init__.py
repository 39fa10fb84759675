"""What every process needs: settings, logs, tracing, ids, start-up and shutdown."""
