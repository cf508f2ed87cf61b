from __future__ import annotations

import socket

import pytest

from vibe.doctor import addresses
from vibe.doctor.finding import Finding


@pytest.fixture
def found(settings, monkeypatch):
    """Findings for an address, a preview domain and the names that the DNS knows."""

    def look(url: str, host: str, domain: str, known: str = "") -> dict[str, Finding]:
        settings.PUBLIC_URL, settings.PUBLIC_HOST, settings.PREVIEW_DOMAIN = url, host, domain
        settings.HTTPS = url.startswith("https://")

        def getaddrinfo(name: str, _port: None) -> list[str]:
            if not known or not name.endswith(known):
                raise socket.gaierror("unknown")
            return ["somewhere"]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return {finding.name: finding for finding in addresses.addresses()}

    return look


def test_the_addresses_of_a_laptop_are_as_they_should_be(found) -> None:
    told = found("http://app.vibe.localhost:8000", "app.vibe.localhost", "vibe.localhost")

    assert list(told) == ["Addresses"]
    assert told["Addresses"].ok
    assert "http://PORT-SANDBOX.vibe.localhost:8000" in told["Addresses"].detail


def test_those_of_a_server_are_when_its_names_are_known(found) -> None:
    told = found("https://vibe.example.com", "vibe.example.com", "preview.vibe.example.com",
                 known="vibe.example.com")  # fmt: skip

    assert [finding.ok for finding in told.values()] == [True]


def test_two_sites_are_told_with_what_is_missing_then(found) -> None:
    told = found("https://vibe.example.com", "vibe.example.com", "vibe-previews.net", known=".net")

    assert "example.com and vibe-previews.net" in told["Addresses"].detail
    assert not told["Addresses"].ok and not told["Addresses"].broken


@pytest.mark.parametrize("host", ["192.168.1.5", "localhost", "[fd00::5]"])
def test_an_address_without_names_is_told(found, host: str) -> None:
    assert not found(f"http://{host}:8000", host, "vibe.localhost")["Addresses"].ok


def test_a_name_that_leads_nowhere_is_told_with_the_records_that_are_missing(found) -> None:
    told = found("https://vibe.example.com", "vibe.example.com", "preview.vibe.example.com")

    assert "vibe.example.com and *.preview.vibe.example.com" in told["Name"].advice


def test_plain_http_to_other_machines_is_told(found) -> None:
    told = found("http://vibe.lan", "vibe.lan", "preview.vibe.lan", known="vibe.lan")

    assert "plain HTTP" in told["Encryption"].detail
