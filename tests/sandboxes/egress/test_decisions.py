"""Which host a policy lets a sandbox reach, and which rules of it a request fits."""

from __future__ import annotations

import time
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.engine.egress.addresses import AddressCheck, own_addresses
from sandboxes.engine.egress.decision import decide
from sandboxes.engine.egress.domains import best_pattern, normal_host
from sandboxes.engine.egress.matching import Asked, fitting
from sandboxes.engine.egress.policy import parse
from sandboxes.engine.egress.registries import Registries, Registry

REGISTRIES = Registries(
    [
        Registry("index.example", "pip", trusted=True),
        Registry("files.example", "links of pip's index"),
        Registry("mirror.example:8443", "operator", trusted=True),
    ]
)


def allowed(request, host: str, port: int = 443) -> bool:
    return decide(parse(request), REGISTRIES, normal_host(host), port).allowed


@pytest.mark.parametrize("host", ["index.example", "INDEX.Example.", "files.example"])
def test_registries_are_reached_in_any_spelling(host):
    assert allowed("registries", host)


@pytest.mark.parametrize(
    "host", ["index.example.evil.example", "evil-index.example", "example", "a.index.example"]
)
def test_a_name_that_only_looks_like_a_registry_is_not_reached(host):
    assert not allowed("registries", host)


@pytest.mark.parametrize(("port", "reached"), [(80, True), (443, True), (25, False), (22, False)])
def test_only_the_ports_of_the_web_are_open(port, reached):
    assert allowed("registries", "index.example", port) is reached
    assert allowed("internet", "anything.example", port) is reached


def test_a_port_that_is_named_is_open_and_no_other():
    assert allowed("registries", "mirror.example", 8443)
    assert not allowed("registries", "mirror.example", 443)


def test_deny_all_reaches_nothing():
    assert not allowed("deny-all", "index.example")


@given(st.from_regex(r"([a-z]{1,5}\.){0,3}[a-z]{1,5}", fullmatch=True))
def test_a_wildcard_covers_exactly_the_names_below_its_domain(prefix):
    assert best_pattern(["*.example.org"], f"{prefix}.example.org", 443) == "*.example.org"
    assert best_pattern(["*.example.org"], f"{prefix}example.org", 443) is None
    assert best_pattern(["*.example.org"], "example.org", 443) is None


def test_the_most_particular_entry_counts():
    patterns = ["*", "*.example", "*.a.example", "b.a.example"]
    found = [best_pattern(patterns, host, 443) for host in ("b.a.example", "c.a.example", "x.org")]
    assert found == ["b.a.example", "*.a.example", "*"]


def test_an_address_is_covered_by_no_wildcard_of_names():
    assert best_pattern(["*.0.0.1"], "10.0.0.1", 80) is None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1",
     "169.254.169.254", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1",
     "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
     "2002:7f00:1::", "::127.0.0.1", "2001:0:1::", "192.0.0.192", "192.0.0.9", "198.18.0.1",
     "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "fec0::1",
     "64:ff9b::a9fe:a9fe", "64:ff9b::a83f:8110", "64:ff9b:1::1", "::ffff:0:7f00:1",
     "::ffff:168.63.129.16", "::10.0.0.1", "2002:a9fe:a9fe::",
     "4000::1", "5f00::1", "1::1", "fe80::1%eth0"],
)  # fmt: skip
def test_no_address_of_the_inside_is_reached(address):
    assert AddressCheck().refusal(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "203.0.113.9", "2001:db8::1"]
)
def test_a_public_address_is_reached(address):
    assert AddressCheck().refusal(ip_address(address)) == ""


def test_this_machines_own_addresses_are_not_reached():
    own = own_addresses()
    assert ip_address("127.0.0.1") in own
    assert all(AddressCheck().refusal(address) for address in own)


def test_own_addresses_are_read_from_the_kernels_tables(tmp_path: Path):
    (tmp_path / "fib_trie").write_text(
        "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 198.51.100.7\n        /32 host LOCAL\n"
        "     |-- 198.51.100.0\n        /24 link UNICAST\n"
    )
    (tmp_path / "if_inet6").write_text("20010db8000000000000000000000005 02 40 00 80 eth0\n")
    assert own_addresses(tmp_path) == {ip_address("198.51.100.7"), ip_address("2001:db8::5")}


def test_a_host_of_the_operator_may_be_private_but_not_this_machine():
    check = AddressCheck()
    assert check.refusal(ip_address("10.0.0.5"), trusted=True) == ""
    assert check.refusal(ip_address("127.0.0.1"), trusted=True)
    assert check.refusal(ip_address("169.254.169.254"), trusted=True)


@pytest.mark.parametrize(
    "address", ["168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"]
)
def test_a_host_of_the_operator_may_not_be_a_metadata_service(address):
    assert AddressCheck().refusal(ip_address(address), trusted=True)


@given(st.ip_addresses(v=4))
def test_an_address_is_refused_alike_in_each_spelling_that_leads_to_it(address):
    check = AddressCheck()
    plain = check.refusal(address)
    for prefix in ("::ffff:", "64:ff9b::"):
        assert check.refusal(ip_address(f"{prefix}{address}")) == plain


EXAMPLES = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")


@given(st.ip_addresses())
def test_what_is_not_public_is_refused_whatever_list_it_stands_in(address):
    inner = getattr(address, "ipv4_mapped", None) or address
    made_for_examples = any(inner in ip_network(text) for text in EXAMPLES)
    assert inner.is_global or made_for_examples or AddressCheck().refusal(address)


def test_an_opened_range_counts_for_hosts_of_the_operator_alone():
    check = AddressCheck(["127.0.0.2/32"])
    assert check.refusal(ip_address("127.0.0.2"), trusted=True) == ""
    assert check.refusal(ip_address("127.0.0.2"))


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({}, True),
        ({"path": {"exact": "/v1/items"}}, True),
        ({"path": {"startsWith": "/v1/"}}, True),
        ({"path": {"regex": "^/v[0-9]+/"}}, True),
        ({"path": {"exact": "/v1"}}, False),
        ({"method": ["post"]}, True),
        ({"method": ["GET"]}, False),
        ({"queryString": [{"key": {"exact": "q"}, "value": {"regex": "^a"}}]}, True),
        ({"queryString": [{"key": {"exact": "p"}}]}, False),
        ({"headers": [{"key": {"exact": "X-Api-Key"}, "value": {"exact": "placeholder"}}]}, True),
        ({"headers": [{"key": {"exact": "x-api-key"}, "value": {"exact": "other"}}]}, False),
        ({"path": {"startsWith": "/v1"}, "method": ["GET"]}, False),
    ],
)
def test_a_rule_is_for_the_requests_that_fit_every_part(match, fits):
    rule = {"match": match, "response": {"statusCode": 204}}
    rules = parse({"allow": {"a.example": [rule]}}).allow["a.example"]
    asked = Asked("POST", "/v1/items?q=abc", (("x-api-key", "placeholder"),))
    assert bool(fitting(rules, asked)) is fits


def test_a_catastrophic_regex_costs_no_time():
    rule = {"match": {"path": {"regex": "^(a+)+$"}}, "response": {"statusCode": 204}}
    rules = parse({"allow": {"a.example": [rule]}}).allow["a.example"]
    started = time.monotonic()
    assert not fitting(rules, Asked("GET", "/" + "a" * 20_000 + "!", ()))
    assert time.monotonic() - started < 5
