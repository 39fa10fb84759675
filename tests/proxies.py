"""nginx and Caddy before an installation, configured as docs/proxies.md says."""

import os
import re
import shutil
import ssl

import httpx

from tests.harness import ROOT, Installation, eventually, free_port

ROOT_PATH = "/backburner"
PAGE = (ROOT / "docs" / "proxies.md").read_text()
CADDYFILE = ROOT / "ops" / "compose" / "Caddyfile"
ADDRESS = "127.0.0.1:8000"
"""Of the API in the examples."""

_SEARCHED = f"{os.environ['PATH']}:/usr/sbin"
NGINX = shutil.which("nginx", path=_SEARCHED)
CADDY = shutil.which("caddy", path=_SEARCHED)
WITHOUT_NGINX = "LEFT OUT: this needs nginx (Debian: apt-get install nginx-light)"
WITHOUT_CADDY = "LEFT OUT: this needs Caddy (Debian: apt-get install caddy)"

_NGINX_CONF = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_buffering on;
    gzip on;
    gzip_types *;
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""


def example(language: str) -> str:
    """The example of docs/proxies.md."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def start_nginx(pieces: Installation, *, removes_path: bool) -> str:
    """Put nginx before the API, with buffering on; the address of the API behind it."""
    assert NGINX
    folder = pieces.folder / f"nginx-{removes_path}"
    folder.mkdir()
    target = pieces.api_url.removeprefix("http://") + ("/" if removes_path else "")
    location = example("nginx").replace(ADDRESS, target)
    assert target in location
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(_NGINX_CONF.format(folder=folder, port=port, location=location))
    nginx = pieces.start("nginx", [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(conf)], {})
    url = f"http://127.0.0.1:{port}{ROOT_PATH}"
    nginx.started(lambda: _answers(f"{url}/healthz"))
    return url


def start_caddy(
    pieces: Installation, config: str, path: str, **variables: str
) -> tuple[str, ssl.SSLContext]:
    """Start Caddy for https://localhost; the address of ``path``, and what trusts its authority."""
    assert CADDY
    folder = pieces.folder / "caddy"
    folder.mkdir()
    file = folder / "Caddyfile"
    file.write_text(config)
    port = free_port()
    environment = {
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "HOME": str(folder),
        "HTTPS_PORT": str(port),
        "HTTP_PORT": str(free_port()),
    }
    argv = [CADDY, "run", "--adapter", "caddyfile", "--config", str(file)]
    caddy = pieces.start("caddy", argv, environment | variables)
    authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    caddy.started(authority.exists)
    trust = ssl.create_default_context(cafile=authority)
    url = f"https://localhost:{port}{path}"
    eventually(lambda: _answers(f"{url}/healthz", trust), "Caddy has its certificate")
    return url, trust


def _answers(url: str, trust: ssl.SSLContext | None = None) -> bool:
    try:
        return httpx.get(url, verify=trust or False, timeout=2).is_success
    except httpx.HTTPError:
        return False
