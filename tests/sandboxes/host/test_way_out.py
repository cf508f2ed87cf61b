"""What every sandbox needs for its way out, made once, however many start at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from sandboxes.engine.egress import inside
from sandboxes.host import registries, way_out

AT_ONCE = 8


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory in which nothing has been made yet."""
    monkeypatch.setattr(registries.settings, "DATA_DIR", tmp_path)
    return tmp_path


def test_sandboxes_that_start_at_once_share_one_authority(fresh: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        made = [threads.submit(way_out.proxy_settings) for _ in range(AT_ONCE)]
        places = {threads.submit(way_out.shared_directory).result() for _ in range(AT_ONCE)}
    pairs = {(one.result().key, one.result().certificate) for one in made}
    ((key, certificate),) = pairs
    (place,) = places
    public = load_pem_private_key(key, None).public_key()
    assert public == load_pem_x509_certificate(certificate).public_key()
    assert certificate.decode() in (place / inside.CERTIFICATES).read_text()


def test_the_files_are_written_whole_by_many_at_once(fresh: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda _: inside.write(fresh / "inside", "authority"), range(64)))
    found = sorted(path.name for path in (fresh / "inside").iterdir())
    assert found == sorted([inside.APT, inside.CERTIFICATES])
    assert (fresh / "inside" / inside.CERTIFICATES).read_text().endswith("authority")
