"""Which transport is used, and why."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from enrichcore import errors
from enrichcore.engine.transport import Kind, make_transport
from enrichcore.engine.transport_plain import PlainTransport


@pytest.mark.parametrize("kind", ["plain", "auto"])
@pytest.mark.parametrize("name", ["empty.pem", "missing.pem"])
def test_a_file_without_certificates_is_refused(tmp_path: Path, kind: Kind, name: str) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    with pytest.raises(errors.ConfigError, match="ca_file"):
        make_transport(kind, ca_file=str(tmp_path / name))


def test_auto_is_fast_when_pyreqwest_is_installed() -> None:
    pytest.importorskip("pyreqwest", reason="the extra `fast` is not installed")
    from enrichcore.engine.transport_fast import FastTransport

    assert isinstance(make_transport("auto"), FastTransport)
    assert isinstance(make_transport("plain"), PlainTransport)


def test_without_pyreqwest_auto_is_plain_and_fast_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert isinstance(make_transport("auto"), PlainTransport)
    with pytest.raises(errors.ConfigError, match=r"enrichcore\[fast\]"):
        make_transport("fast")


def test_another_version_of_pyreqwest_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tells unsent from maybe sent is a text of one version; with another, plain httpx is used."""
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "0.16.0")
    assert isinstance(make_transport("auto"), PlainTransport)
    with pytest.raises(errors.ConfigError, match=r"0\.16\.0"):
        make_transport("fast")


def test_after_a_fork_auto_falls_back_to_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its threads do not survive a fork; pyreqwest says so when a client is built."""
    client_module = pytest.importorskip("pyreqwest.client", reason="the extra `fast` is not installed")

    class Forked:
        def __getattr__(self, _name: str) -> Callable[..., Any]:
            return lambda *_args, **_options: self

        def build(self) -> None:
            raise RuntimeError("initialized before fork()")

    monkeypatch.setattr(client_module, "ClientBuilder", Forked)
    assert isinstance(make_transport("auto"), PlainTransport)
