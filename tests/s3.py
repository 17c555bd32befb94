"""An S3-compatible store: moto's server, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from s3fs import S3FileSystem

from tests.stores import free_port


@contextmanager
def bucket(patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a store with an empty bucket; give its address, at which this process now finds it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        patch.setenv(name, value)
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not _answers(address):
                assert process.poll() is None, "the server did not start"
                time.sleep(0.05)
            httpx.put(f"{address}/archive", timeout=60).raise_for_status()
            S3FileSystem.clear_instance_cache()  # Another one was perhaps elsewhere.
            yield "s3://archive"
        finally:
            process.kill()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=60).is_success
    except httpx.TransportError:
        return False
