"""Everything on one machine, by one command: an embedded Valkey, the services, one Ctrl-C."""
