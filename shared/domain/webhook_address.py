"""Decides where webhooks may be sent: to public addresses, and to what the operator names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import SplitResult, urlsplit

MAX_URL_CHARS = 2_000

_HTTPS, _FIRST_FREE_PORT = 443, 1024
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.ASCII)
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PUBLIC_V6 = IPv6Network("2000::/3")
_RESERVED = [
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # Azure's metadata and DNS server, a public address
        *("2001::/23", "2001:db8::/32", "3fff::/20"),  # Teredo and other tunnels, documentation
        "2002::/16",  # 6to4: an IPv4 address inside
    )
]
"""Python's ``is_global`` changed between its releases, so the list stands here. IPv4 addresses that
are mapped into IPv6 and NAT64 lie outside of 2000::/3."""


class UnsafeAddress(ValueError):
    """A webhook may not be sent there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a checked URL leads; ``host`` is a name or an address in its canonical spelling."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The URL that connects to one address."""
        host = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 -- IPv6
        return f"{self.scheme}://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What the operator allows beside public addresses: hosts by name, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, names: Iterable[str]) -> Self:
        """From host names, addresses and networks. Raises ValueError, naming the wrong one."""
        hosts, networks = set(), []
        for name in names:
            try:
                networks.append(ip_network(name.strip("[]")))
            except ValueError:
                if not _is_host_name(name.lower()):
                    raise ValueError(f"{name!r} is neither a host nor a network") from None
                hosts.add(name.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def names(self, target: Target) -> bool:
        """Whether the operator names its host, so that it may be at any address."""
        return target.host in self.hosts

    def check_url(self, url: str) -> Target:
        """Where the URL leads, before its name is resolved. Raises UnsafeAddress."""
        target = _parse(url)
        allowed = self.names(target)
        literal = _literal(target.host)
        if literal is not None and not allowed:
            self.check_addresses(target, [literal])
            allowed = self._in_networks(literal)
        if allowed:
            return target
        if target.scheme != "https" and not (literal is None and self.networks):
            raise UnsafeAddress("Send an https:// URL.")
        if target.port != _HTTPS and target.port < _FIRST_FREE_PORT and target.scheme == "https":
            raise UnsafeAddress("Use port 443, or one from 1024 on.")
        return target

    def check_addresses(self, target: Target, addresses: Sequence[Address]) -> None:
        """Raise UnsafeAddress unless the target may be called at every one of these addresses."""
        if self.names(target):
            return
        if not addresses or not all(
            _is_public(each) or self._in_networks(each) for each in addresses
        ):
            raise UnsafeAddress(
                "This host has no address, or one that is not public. Use a public host, or ask the"
                " operator to add it to BACKBURNER_WEBHOOK_ALLOW."
            )
        if target.scheme != "https" and not all(map(self._in_networks, addresses)):
            raise UnsafeAddress("Send an https:// URL.")

    def _in_networks(self, address: Address) -> bool:
        return any(
            address.version == network.version and address in network for network in self.networks
        )


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _PUBLIC_V6):
        return False
    return not any(
        address.version == network.version and address in network for network in _RESERVED
    )


def _parse(url: str) -> Target:
    parts, port = _split(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UnsafeAddress("Send an https:// URL with a host.")
    if "@" in parts.netloc:
        raise UnsafeAddress("Leave the user and password out of the URL.")
    if "#" in url:
        raise UnsafeAddress("Leave the fragment (#…) out of the URL.")
    host = parts.hostname.lower().removesuffix(".")
    if (literal := _literal(host)) is not None:
        host = str(literal)
    elif "[" in parts.netloc or not _is_host_name(host):
        raise UnsafeAddress("Send a host name, or an address such as 192.0.2.1 or [2001:db8::1].")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _default_port(parts.scheme), path)


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > MAX_URL_CHARS:
        raise UnsafeAddress(f"Send at most {MAX_URL_CHARS:,} characters.")
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise UnsafeAddress("Send a URL of ASCII characters; encode all others (%C3%A9, xn--…).")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnsafeAddress("This is not a URL, or its port is not from 1 to 65535.") from None
    if port == 0:
        raise UnsafeAddress("Send a port from 1 to 65535.")
    return parts, port


def _is_host_name(text: str) -> bool:
    """Not one that ends in a number: resolvers read 2130706433, 0x7f.1 and 0177.1 as 127.0.0.1."""
    last = text.rstrip(".").rpartition(".")[2]
    numeric = last.isdigit() or re.fullmatch("0x[0-9a-f]*", last)
    return len(text) <= 253 and not numeric and _NAME.fullmatch(text) is not None  # noqa: PLR2004 -- DNS


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _default_port(scheme: str) -> int:
    return _HTTPS if scheme == "https" else 80
