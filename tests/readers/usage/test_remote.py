"""Usage over the S3 protocol, from a server on loopback."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pyarrow import fs

from prisma_batch.base.errors import RecordsNotRight, UsageProblem
from prisma_batch.engines.local import LocalEngine
from prisma_batch.jobs.metered_usage import read_metered
from prisma_batch.readers.usage import files
from prisma_batch.readers.usage.files import hashes, usage_files
from prisma_batch.readers.usage.result import UsageNames
from tests.engines.usage import as_dict, expected, metered, rows, write_files

USAGE = rows(3_000)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server of the S3 protocol on a free port."""
    code = (
        "from moto.server import ThreadedMotoServer as Server; server = Server('127.0.0.1', 0, verbose=False); "
        "server.start(); print(server.get_host_and_port()[1], flush=True); input()"
    )
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert server.stdout
    port = server.stdout.readline().decode().strip()
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.communicate()


@pytest.fixture
def store(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[fs.FileSystem]:
    """The server as environment variables tell of it, with a bucket."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",  # the server asks for none
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    store = fs.S3FileSystem(
        endpoint_override=endpoint.removeprefix("http://"), scheme="http", allow_bucket_creation=True
    )
    store.create_dir("exports/2026-10")
    yield store
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()  # noqa: S310 - on loopback


def upload(store: fs.FileSystem, path: Path, key: str) -> None:
    with store.open_output_stream(key, compression=None) as stream:
        stream.write(path.read_bytes())


@pytest.mark.parametrize("held", [True, False])
def test_usage_over_s3_is_that_of_the_files(
    store: fs.FileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, held: bool
) -> None:
    write_files(tmp_path, USAGE)
    for path in tmp_path.iterdir():
        upload(store, path, f"exports/2026-10/{path.name}")
    if not held:
        monkeypatch.setattr(files, "HELD_BYTES_MAX", 0)
    found, findings = usage_files(tmp_path, ["s3://exports/2026-10"])
    assert ([file.source for file in found], findings) == (["a.parquet", "b.csv", "c.csv.gz"], [])
    read = read_metered(
        found, UsageNames(), frozenset({("A03", "cloud", "S1")}), date(2026, 10, 31), (LocalEngine(2), lambda _: None)
    )
    assert read.findings == ()
    assert as_dict(read.totals) == expected(USAGE)
    assert read.hashes == metered(tmp_path, LocalEngine(1)).hashes


def test_the_address_may_name_the_endpoint(
    store: fs.FileSystem, tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, USAGE)
    upload(store, tmp_path / "b.csv", "exports/b.csv")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    address = f"s3://exports/b.csv?endpoint_override={endpoint.removeprefix('http://')}&scheme=http&region=us-east-1"
    ((file,), _) = usage_files(tmp_path, [address])
    assert (file.source, hashes(file).sha256) == ("b.csv", metered(tmp_path, LocalEngine(1)).hashes["b.csv"].sha256)


def test_an_object_that_changes_is_refused(
    store: fs.FileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, USAGE)
    monkeypatch.setattr(files, "HELD_BYTES_MAX", 0)
    upload(store, tmp_path / "b.csv", "exports/b.csv")
    ((file,), _) = usage_files(tmp_path, ["s3://exports/b.csv"])
    upload(store, tmp_path / "c.csv.gz", "exports/b.csv")
    with pytest.raises(RecordsNotRight):
        hashes(file)


@pytest.mark.parametrize("address", ["s3://exports/none.csv", "s3://no-such-bucket/a.csv"])
@pytest.mark.usefixtures("store")
def test_an_address_without_an_object_is_wrong_usage(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageProblem, match=address.removeprefix("s3://")):
        usage_files(tmp_path, [address])


def test_two_files_of_one_name_are_wrong_usage(store: fs.FileSystem, tmp_path: Path) -> None:
    write_files(tmp_path, USAGE)
    upload(store, tmp_path / "b.csv", "exports/b.csv")
    with pytest.raises(UsageProblem, match=r"two files are called b\.csv"):
        usage_files(Path(__file__).parent, ["s3://exports/b.csv", tmp_path / "b.csv"])
