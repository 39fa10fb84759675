"""The version of all services, which their logs and the HTTP interface show."""

VERSION = "0.2.0"
