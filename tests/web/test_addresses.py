"""A forwarded address is believed only from those who are trusted; networks count as one."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from web.addresses import _warn_of, address_of, network_of
from web.configuration import networks


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_FORWARDERS = [ip_network("10.0.0.0/8"), ip_network("::1")]


def address(sender: str, *forwarded: str) -> str:
    headers = {"X-Forwarded-For": ", ".join(forwarded)} if forwarded else {}
    return address_of(RequestFactory().get("/", REMOTE_ADDR=sender, headers=headers))


@pytest.mark.parametrize("forwarder", ["10.1.2.3", "::1", "::ffff:10.1.2.3"])
def test_a_trusted_forwarder_is_believed(forwarder: str) -> None:
    assert address(forwarder, "203.0.113.1") == "203.0.113.1"
    assert address(forwarder, "2001:db8::1") == "2001:db8::1"


def test_only_what_the_forwarder_has_added_is_believed() -> None:
    assert address("10.1.2.3", "198.51.100.1", "203.0.113.1") == "203.0.113.1"


@pytest.mark.parametrize("sender", ["192.0.2.1", "2001:db8::2", ""])
def test_nobody_else_is_believed(sender: str) -> None:
    assert address(sender, "203.0.113.1") == sender


@pytest.mark.parametrize(
    "forwarded",
    [
        "",
        ",",
        "unknown",
        "203.0.113.256",
        "203.0.113.1:x",
        "[203.0.113.1",
        "[2001:db8::1]x",
        "203.0.113.7, unknown",
    ],
)
def test_what_is_no_address_is_not_taken_for_one(forwarded: str) -> None:
    assert address("10.1.2.3", forwarded) == "10.1.2.3"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("198.51.100.1:41001", "198.51.100.1"),
        ("192.0.2.9, 198.51.100.1:41001", "198.51.100.1"),
        ("[2001:db8::1]:4100", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ('"[2001:db8::1]:4100"', "2001:db8::1"),
        ("[::ffff:198.51.100.1]:4100", "198.51.100.1"),
        ("198.51.100.1:", "198.51.100.1"),
        ("198.51.100.1, ", "198.51.100.1"),
        ("198.51.100.1 ,,", "198.51.100.1"),
        ("\t198.51.100.1\t", "198.51.100.1"),
    ],
)
def test_an_address_is_read_however_proxies_write_it(forwarded: str, expected: str) -> None:
    assert address("10.1.2.3", forwarded) == expected


def test_a_forwarder_that_names_nobody_is_warned_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _warn_of.cache_clear()
    for _ in range(3):
        assert address("10.1.2.3", "unknown") == "10.1.2.3"
    assert [record.msg["forwarder"] for record in caplog.records] == ["10.1.2.3"]  # type: ignore[index]


def test_without_anything_forwarded_the_sender_it_is() -> None:
    assert address("10.1.2.3") == "10.1.2.3"


def test_addresses_of_one_network_are_one() -> None:
    one = {network_of(address) for address in ("2001:db8::1", "2001:db8:0:0:ffff::", "2001:DB8::")}
    assert one == {"2001:db8::/64"}
    assert network_of("2001:db8:0:1::1") not in one


def test_addresses_of_ipv4_are_each_one() -> None:
    assert network_of("192.0.2.1") == network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("::ffff:192.0.2.2") == "192.0.2.2"


def test_what_is_no_address_is_counted_as_it_is() -> None:
    assert network_of("") == ""


def test_a_mapped_network_is_the_ipv4_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_FORWARDERS", "::ffff:10.0.0.0/104, ::ffff:192.0.2.7, fd00::/8")
    expected = tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.7/32", "fd00::/8")))
    assert networks("TRUSTED_FORWARDERS", "") == expected
