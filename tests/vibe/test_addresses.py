from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.fixtures.platform import ROOT
from vibe.addresses import base_url, for_programs, host_of, preview_domain_for, site_of


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://app.vibe.localhost:8000"),
        ("localhost", "http://app.vibe.localhost:8000"),
        ("::1", "http://app.vibe.localhost:8000"),
        ("0.0.0.0", "http://app.vibe.localhost:8000"),
        ("127.8.8.8", "http://127.8.8.8:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
        ("fd00::5", "http://[fd00::5]:8000"),
        ("box.lan", "http://box.lan:8000"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, url: str) -> None:
    assert base_url(host, 8000) == url


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("http://app.vibe.localhost:8000", "vibe.localhost"),
        ("https://app.vibe.example", "vibe.example"),
        ("https://vibe.example.com", "preview.vibe.example.com"),
        ("https://VIBE.example.com:8443/", "preview.vibe.example.com"),
        ("http://app.localhost:8000", "preview.app.localhost"),
        ("http://localhost:8000", "vibe.localhost"),
        ("http://192.168.1.5:8000", "vibe.localhost"),
        ("http://[fd00::5]:8000", "vibe.localhost"),
    ],
)
def test_previews_live_on_the_platforms_own_site_where_that_has_names(
    url: str, domain: str
) -> None:
    assert preview_domain_for(url) == domain
    if "." in host_of(url) and "localhost" not in domain:
        assert site_of(host_of(url)) == site_of(domain)


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("app.vibe.localhost", "vibe.localhost"),
        ("vibe.localhost", "vibe.localhost"),
        ("localhost", "localhost"),
        ("a.b.example.com", "example.com"),
        ("a.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("192.168.1.5", "192.168.1.5"),
    ],
)
def test_a_site_is_what_browsers_take_for_one(host: str, site: str) -> None:
    assert site_of(host) == site


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://app.vibe.localhost:8000", "http://127.0.0.1:8000"),
        ("http://app.vibe.localhost:8000/", "http://127.0.0.1:8000/"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://vibe.example", "https://vibe.example"),
    ],
)
def test_programs_are_led_to_a_name_that_they_find(url: str, found: str) -> None:
    assert for_programs(url) == found


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "app.vibe.localhost vibe.localhost localhost,127.0.0.1,[::1],app.vibe.localhost"),
        (
            {"VIBE_URL": "https://vibe.example.com", "VIBE_ALLOWED_HOSTS": "other.example"},
            "vibe.example.com preview.vibe.example.com "
            "localhost,127.0.0.1,[::1],vibe.example.com,other.example",
        ),
        (
            {"VIBE_URL": "https://vibe.example.com", "VIBE_PREVIEW_DOMAIN": "P.example.com"},
            "vibe.example.com p.example.com localhost,127.0.0.1,[::1],vibe.example.com",
        ),
    ],
)
def test_the_settings_say_where_browsers_find_the_platform_and_the_previews(
    environment: dict[str, str], said: str
) -> None:
    code = (
        "from vibe.settings.addresses import *\n"
        "print(PUBLIC_HOST, PREVIEW_DOMAIN, ','.join(ALLOWED_HOSTS))"
    )
    bare = {k: v for k, v in os.environ.items() if not k.startswith("VIBE_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**bare, "VIBE_ENV_FILE": os.devnull, "VIBE_DATA_DIR": os.environ["VIBE_DATA_DIR"],
             **environment},
        cwd=ROOT, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == said


def test_an_address_without_a_scheme_is_refused_with_what_it_must_be() -> None:
    environment = {**os.environ, "VIBE_ENV_FILE": os.devnull, "VIBE_URL": "vibe.example"}
    done = subprocess.run(
        [sys.executable, "-c", "import vibe.settings.addresses"],
        env=environment, cwd=ROOT, text=True, capture_output=True,
    )  # fmt: skip
    assert "must begin with http:// or https://" in done.stderr
