"""A Dask cluster of real processes on the loopback: a scheduler and workers that can be killed."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_PATIENCE = 90.0
KEYS = "_KEY"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class DaskCluster:
    """The processes. Workers have the keys and the configuration of `environment`, in `folder`; nobody else has."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self.environment = {
            **environment,
            "ENRICHCORE_CONFIG": str(folder / "test.toml"),
            "DASK_DISTRIBUTED__WORKER__CONNECTIONS__OUTGOING": "10",
            "DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT": "2s",
        }
        self.keyless = {name: value for name, value in environment.items() if not name.endswith(KEYS)}
        self._scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.port = 0

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, workers: int, *, threads: int = 2) -> None:
        """A scheduler, and so many workers."""
        self.port = free_port()
        more = ["scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        self._scheduler = self._start(more, self.keyless, "scheduler.log")
        self.expect("scheduler.log", "Scheduler at")
        for _ in range(workers):
            self.add_worker(threads=threads)

    def add_worker(self, *, threads: int = 2) -> None:
        name = f"worker{len(self.workers)}.log"
        more = ["worker", self.address, "--host", "127.0.0.1", "--nthreads", str(threads)]
        more += [
            "--no-dashboard",
            "--no-nanny",
            "--local-directory",
            str(self._folder / "dask"),
            "--death-timeout",
            "5",
        ]
        self.workers.append(self._start(more, self.environment, name))
        self.expect(name, "Registered to")

    def kill_worker(self, which: int = 0) -> None:
        """Kill -9."""
        self.workers[which].send_signal(signal.SIGKILL)
        self.workers[which].wait()

    def kill_scheduler(self) -> None:
        """Kill -9."""
        assert self._scheduler is not None
        self._scheduler.send_signal(signal.SIGKILL)
        self._scheduler.wait()

    def close(self) -> None:
        """End every process that is left."""
        for process in (*self.workers, self._scheduler):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def log(self, name: str) -> str:
        return (self._folder / name).read_text("utf-8", "replace")

    def expect(self, name: str, words: str) -> None:
        """Wait until a process has said something."""
        end = time.monotonic() + _PATIENCE
        while words not in self.log(name):
            assert time.monotonic() < end, self.log(name)
            time.sleep(0.02)

    def _start(self, arguments: list[str], environment: Mapping[str, str], log: str) -> "subprocess.Popen[bytes]":
        with (self._folder / log).open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                cwd=self._folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip
