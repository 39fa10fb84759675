"""What every poller does at intervals: heartbeat, sweep, rollback check, retention."""
