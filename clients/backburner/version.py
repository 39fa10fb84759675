"""The version of the client, which its requests name."""

VERSION = "0.2.0"
