"""A certificate for localhost, made by openssl for one test."""

import ssl
import subprocess
from pathlib import Path


def make_certificate(folder: Path) -> ssl.SSLContext:
    """What a server needs to show it; clients trust ``cert.pem`` in the folder."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost")
    names = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run((*made, *names, *files), check=True, capture_output=True, timeout=60)  # noqa: S603 -- a test's
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
