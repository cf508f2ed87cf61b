"""What programs in a sandbox need to find the way out: variables, certificates, apt's settings."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from ..ports import WAY_OUT

PROXY = f"http://127.0.0.1:{WAY_OUT}"
DIRECTORY = "/run/vibe/network"
CERTIFICATES, APT = "certificates.crt", "apt.conf"
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
YARN = ("YARN_HTTP_PROXY", "YARN_HTTPS_PROXY")  # which reads no others since its version 2
NEAR = "localhost,127.0.0.1,::1"
# Where distributions keep the bundle of certificates that they trust.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "PIP_CERT", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO",
    "CURL_CA_BUNDLE", "CARGO_HTTP_CAINFO", "npm_config_cafile", "AWS_CA_BUNDLE",
)  # fmt: skip


def environment(registries: dict[str, str]) -> dict[str, str]:
    """Variables of every command; `registries` points package managers to their places."""
    bundle = f"{DIRECTORY}/{CERTIFICATES}"
    proxies = dict.fromkeys((*PROXY_VARIABLES, *map(str.lower, PROXY_VARIABLES)), PROXY)
    return {
        **proxies,
        **dict.fromkeys(YARN, PROXY),
        "NO_PROXY": NEAR,
        "no_proxy": NEAR,
        "NODE_USE_ENV_PROXY": "1",
        "APT_CONFIG": f"{DIRECTORY}/{APT}",
        **dict.fromkeys(CERTIFICATE_VARIABLES, bundle),
        **registries,
    }


def write(directory: Path, authority: str) -> None:
    """The files of DIRECTORY: nothing in it is secret, every sandbox reads it."""
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    directory.chmod(0o755)
    files = {
        CERTIFICATES: f"{_system_bundle().rstrip()}\n{authority}",
        APT: f'Acquire::http::Proxy "{PROXY}";\nAcquire::https::Proxy "{PROXY}";\n'
        f'Acquire::https::CaInfo "{DIRECTORY}/{CERTIFICATES}";\n',
    }
    for name, content in files.items():
        path = directory / name
        if path.exists() and path.read_text() == content:
            continue
        with tempfile.NamedTemporaryFile("w", dir=directory, delete=False) as fresh:
            fresh.write(content)
            os.fchmod(fresh.fileno(), 0o644)
        os.replace(fresh.name, path)


def _system_bundle() -> str:
    default = ssl.get_default_verify_paths()
    for name in (default.cafile, *BUNDLES):
        if name and Path(name).is_file():
            return Path(name).read_text(errors="replace")
    return ""
