"""Debian's Chromium without a window, driven over a pipe by its own protocol (CDP): no driver, no port, no package."""

import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which a test that hangs is ended."""
AXE = Path(__file__).parent.parent / ".cache" / "node_modules" / "axe-core" / "axe.min.js"
"""Where `.ci/run` puts axe-core, which is not ours to keep."""
_KEYS = {"Tab": 9, "Enter": 13, " ": 32}
_FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # tests reach no network but loopback
)  # fmt: skip

_BOX = "document.querySelector('{}').getBoundingClientRect()"
_PLUMBING = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3]]
for fd, end in enumerate(ends, 3):
    os.dup2(end, fd)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Puts our ends of the pipes where the browser looks for them: it reads from 3 and writes to 4."""


def binary() -> str | None:
    """Where the browser is; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One browser. Pages are in a context each, which shares nothing with another's."""

    def __init__(self, folder: Path) -> None:
        program = binary()
        assert program is not None
        from_us, to_browser = os.pipe()
        from_browser, to_us = os.pipe()
        flags = [*_FLAGS, f"--user-data-dir={folder}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PLUMBING, str(from_us), str(to_us), program, *flags, "about:blank"],
            pass_fds=(from_us, to_us),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self._out, self._in = to_browser, from_browser
        self._rest = b""
        self._ids = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """The result of one call; what happens meanwhile is in `events`."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        limit = time.monotonic() + PATIENCE
        while (said := self.read(limit)).get("id") != number:
            self.events.append(said)
        assert "error" not in said, f"{method}: {said['error']}"
        result: dict[str, Any] = said["result"]
        return result

    def read(self, limit: float) -> dict[str, Any]:
        """The next thing the browser says."""
        while b"\0" not in self._rest:
            assert select.select([self._in], [], [], max(limit - time.monotonic(), 0))[0], "the browser says nothing"
            part = os.read(self._in, 1 << 20)
            assert part, "the browser has ended"
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        said: dict[str, Any] = json.loads(line)
        return said

    @contextlib.contextmanager
    def page(self, *, width: int = 1024, height: int = 900, dark: bool = False) -> Iterator["Page"]:
        """A page of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        try:
            yield Page(self, session, width=width, height=height, dark=dark)
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        try:
            self._process.wait(timeout=PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._out)
            os.close(self._in)


class Page:
    """One page: where it is, what is pressed on it, what it shows and what it complains of."""

    def __init__(self, browser: Browser, session: str, *, width: int, height: int, dark: bool) -> None:
        self._browser = browser
        self._session = session
        self.complaints: list[str] = []
        """What stands in the console: errors, warnings, refused resources, exceptions."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media="screen", features=[scheme])

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One call of the protocol."""
        result = self._browser.call(method, self._session, **params)
        self._hear()
        return result

    def resize(self, width: int, height: int) -> None:
        """Have a screen of another size, such as a phone's."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def goto(self, url: str) -> None:
        """Open a page and wait until it is there."""
        with self.loading():
            assert "errorText" not in self.call("Page.navigate", url=url)

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """What is done inside loads a page; at the end it is there."""
        self._browser.events.clear()
        yield
        limit = time.monotonic() + PATIENCE
        while not any(self._is_ours(event) == "Page.loadEventFired" for event in self._browser.events):
            self._browser.events.append(self._browser.read(limit))
        self._hear()

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        said = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        facts: dict[str, Any] = {"key": key, "code": "Space" if key == " " else key}
        facts["windowsVirtualKeyCode"] = _KEYS[key]
        text = {"Enter": {"text": "\r"}, " ": {"text": " "}}.get(key, {})
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **facts, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self.call("Input.insertText", text=text)

    def shot(self, path: Path, part: str = "html", *, margin: int = 0) -> None:
        """A picture of the part that a selector finds, however long, with what is around it."""
        script = f"(r => [r.x + scrollX, r.y + scrollY, r.width, r.height])({_BOX.format(part)})"
        x, y, width, height = self.run(script)
        around = {"x": x - margin, "y": y - margin, "width": width + 2 * margin, "height": height + 2 * margin}
        taken = self.call(
            "Page.captureScreenshot", format="png", clip=around | {"scale": 1}, captureBeyondViewport=True
        )
        path.write_bytes(base64.b64decode(taken["data"]))

    def axe(self) -> list[str]:
        """What axe-core finds wrong: the rule, and where."""
        self.run(AXE.read_text("utf-8") + ";null")
        found = self.run("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
        assert found["passes"], "axe has looked at nothing"
        return [
            f"{one['id']} {node['target']}: {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def _hear(self) -> None:
        for event in self._browser.events:
            method, said = self._is_ours(event), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                self.complaints.append(said["exceptionDetails"]["text"])
            elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(said["args"]))
            elif method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
                self.complaints.append(f"{said['entry']['text']} {said['entry'].get('url', '')}")
        self._browser.events.clear()

    def _is_ours(self, event: dict[str, Any]) -> str | None:
        return event.get("method") if event.get("sessionId") == self._session else None
