"""Webhooks go to public addresses, and to what the operator names; to nothing else."""

from ipaddress import ip_address

import pytest

from shared.domain.webhook_address import AddressPolicy, UnsafeAddress

PUBLIC = [ip_address("93.184.215.14"), ip_address("2606:2800:21f::1")]
POLICY = AddressPolicy()

INSIDE = [
    "0.0.0.0",  # noqa: S104 -- an address to refuse
    *("10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1"),
    *("192.88.99.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    "168.63.129.16",
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "::7f00:1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1", "2001:db8::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "3fff::1", "100::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_refused_in_the_url_and_behind_a_name(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(UnsafeAddress):
        POLICY.check_url(f"https://{host}/")
    target = POLICY.check_url("https://example.com/")
    with pytest.raises(UnsafeAddress, match="BACKBURNER_WEBHOOK_ALLOW"):
        POLICY.check_addresses(target, [*PUBLIC, ip_address(address)])


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "1.2.3.4.5", "1"),
        *("127.0.0.1.", "a.0x7f", "a.1"),
    ],
)
def test_a_host_that_resolvers_read_as_an_address_is_refused(host: str) -> None:
    with pytest.raises(UnsafeAddress):
        POLICY.check_url(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user:password@example.com/",
        "https://user@example.com/",
        "https://@example.com/",
        "https://example.com/#part",
        "https://example.com#",
        "https://example.com:0/",
        "https://example.com:22/",
        "https://example.com:70000/",
        "https://example.com:x/",
        "https:///path",
        "https://",
        "//example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nHost: inside",
        "https://ex\u00e4mple.com/",
        "https://\u2460.example.com/",
        "https://[::1",
        "https://[v1.x]/",
        "https://-example.com/",
        "https://example..com/",
        "https://exa%6dple.com/",
        "https://" + "a" * 64 + ".com/",
        "https://example.com/" + "a" * 2_000,
        "",
    ],
)
def test_a_url_that_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(UnsafeAddress):
        POLICY.check_url(url)


@pytest.mark.parametrize(
    ("url", "authority", "connects_to"),
    [
        ("https://Example.com", "example.com", "https://93.184.215.14:443/"),
        ("https://example.com:8443/a?b=c", "example.com:8443", "https://93.184.215.14:8443/a?b=c"),
        ("https://example.com./x", "example.com", "https://93.184.215.14:443/x"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", "https://93.184.215.14:443/"),
    ],
)
def test_a_public_host_is_called_at_its_checked_address(
    url: str, authority: str, connects_to: str
) -> None:
    target = POLICY.check_url(url)
    POLICY.check_addresses(target, PUBLIC)
    assert target.authority == authority
    assert target.at(PUBLIC[0]) == connects_to


def test_a_public_ipv6_address_is_called_in_brackets() -> None:
    target = POLICY.check_url("https://[2606:2800:21F::1]:8443/")
    assert target.authority == "[2606:2800:21f::1]:8443"
    assert target.at(ip_address(target.host)) == "https://[2606:2800:21f::1]:8443/"


def test_a_host_without_addresses_is_refused() -> None:
    with pytest.raises(UnsafeAddress):
        POLICY.check_addresses(POLICY.check_url("https://example.com/"), [])


def test_a_named_host_may_be_anywhere_and_without_tls() -> None:
    policy = AddressPolicy.parse(["hooks.internal"])
    target = policy.check_url("http://HOOKS.internal:80/x")
    policy.check_addresses(target, [ip_address("10.0.0.1")])
    for other in ("http://x.hooks.internal/", "http://127.0.0.1/"):
        with pytest.raises(UnsafeAddress):
            policy.check_url(other)


def test_a_named_network_allows_its_addresses_and_no_others() -> None:
    policy = AddressPolicy.parse(["10.0.0.0/8", "::1"])
    for url in ("http://10.1.2.3:8080/", "http://[::1]/"):
        target = policy.check_url(url)
        policy.check_addresses(target, [ip_address(target.host)])
    target = policy.check_url("http://inside.example/")
    policy.check_addresses(target, [ip_address("10.0.0.1")])
    for addresses in (["10.0.0.1", "192.168.0.1"], ["10.0.0.1", "93.184.215.14"], []):
        with pytest.raises(UnsafeAddress):
            policy.check_addresses(target, [ip_address(each) for each in addresses])
    with pytest.raises(UnsafeAddress):
        policy.check_url("http://[::ffff:10.0.0.1]/")


@pytest.mark.parametrize("name", ["10.0.0.1/8", "a b", "*.example.com", "127.1", "https://x"])
def test_what_is_neither_a_host_nor_a_network_cannot_be_allowed(name: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        AddressPolicy.parse([name])
