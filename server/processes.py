"""Run the service: in this process, or in several that take requests from one socket.

Each of several has its own workers, memory of answers and shares of clients. The one that started
them only watches. One that ends is replaced; if one cannot start, the service ends. To be stopped,
and to look for a new version, is passed on to all. They end with the one that watches, whatever
ends it. Their numbers for Prometheus lie in a folder where each finds those of the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from server.app import abandon, create_app
from server.errors import CannotStart
from server.front import Protocol
from server.metrics import Metrics
from server.peers import Peers
from server.sandbox import end_with_parent
from server.settings import Settings

log = logging.getLogger(__name__)

PARTS = Path(__file__).parents[1]

PAUSE = 1.0
"""Seconds between two writings of the numbers that the other processes show."""

READY = b"ready\n"

GRACE = 5
"""Seconds that a process has to end, beyond those that its answers have."""


def run(
    settings: Settings,
    listener: socket.socket,
    ready: Callable[[], None],
    shared: tuple[Path, int] | None = None,
) -> bool:
    """Serve in this process until it is told to stop; say whether it could start.

    `shared` is the folder for what several processes tell each other, and the number of this one.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    app = create_app(settings, Peers(*shared, settings.processes) if shared else None)
    metrics: Metrics = app.state.usage.metrics
    if shared is not None:
        metrics.share(*shared)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                loop = asyncio.get_running_loop()
                loop.add_signal_handler(signal.SIGHUP, app.state.versions.look_now)
                _write_often(metrics)
                ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            loop = asyncio.get_running_loop()
            loop.call_later(settings.stop_seconds, abandon, app)
            await super().shutdown(sockets)

    # A client that does not read its answer is not waited for.
    wait = math.ceil(settings.stop_seconds) + 2
    server = Server(
        uvicorn.Config(
            app,
            http=Protocol,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=wait,
            proxy_headers=settings.proxies is not None,
            forwarded_allow_ips=settings.proxies or "",
        )
    )
    server.run(sockets=[listener])
    return server.started


def _write_often(metrics: Metrics) -> None:
    if metrics.is_shared:
        metrics.write()
        asyncio.get_running_loop().call_later(PAUSE, _write_often, metrics)


def watch(settings: Settings, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve in as many processes as the settings say, until this one is told to stop.

    Raises CannotStart if one of them cannot.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with TemporaryDirectory(prefix="cablegraph-") as folder:
        asyncio.run(_Watcher(settings, listener, Path(folder)).run(ready))


class _Watcher:
    """The process that starts the others."""

    def __init__(self, settings: Settings, listener: socket.socket, folder: Path) -> None:
        self._settings = settings
        self._listener = listener
        self._folder = folder
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._ready: set[int] = set()
        self._is_stopping = False

    async def run(self, ready: Callable[[], None]) -> None:
        """Start the processes and keep them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._look)
        try:
            numbers = range(self._settings.processes)
            await asyncio.gather(*(self._start(number) for number in numbers))
            if not self._is_stopping:
                self._keepers = [asyncio.create_task(self._keep(number)) for number in numbers]
                ready()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*self._keepers)
        finally:
            await self._end()

    async def _start(self, number: int) -> None:
        path = os.pathsep.join(filter(None, [str(PARTS), os.environ.get("PYTHONPATH")]))
        handle = self._listener.fileno()
        words = (str(handle), str(self._folder), str(number), self._settings.model_dump_json())
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "server.processes", *words),
            stdout=asyncio.subprocess.PIPE,
            pass_fds=[handle],
            env={**os.environ, "PYTHONPATH": path},
        )
        self._processes[number] = process
        if self._is_stopping:
            self._tell(signal.SIGTERM)
        assert process.stdout is not None
        if await process.stdout.readline() == READY:
            self._ready.add(process.pid)
        elif not self._is_stopping:
            raise CannotStart("A process of the service cannot start; the lines above say why.")

    async def _keep(self, number: int) -> None:
        """Put a fresh process in the place of each that ends."""
        while not self._is_stopping:
            status = await self._processes[number].wait()
            if not self._is_stopping:
                log.error("process %d ended with status %d; another is started", number, status)
                await self._start(number)

    def _stop(self) -> None:
        """Tell all to end, and wait for them no longer than `_end` does."""
        self._is_stopping = True
        self._tell(signal.SIGTERM)
        for keeper in self._keepers:
            keeper.cancel()

    def _look(self) -> None:
        """Have those look for a new version that are ready: the others the signal would end."""
        self._tell(signal.SIGHUP, [it for it in self._processes.values() if it.pid in self._ready])

    def _tell(
        self,
        number: signal.Signals,
        processes: Iterable[asyncio.subprocess.Process] | None = None,
    ) -> None:
        for process in self._processes.values() if processes is None else processes:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)

    async def _end(self) -> None:
        """Let all end, and kill those that do not."""
        self._stop()
        waiting = asyncio.gather(*(each.wait() for each in self._processes.values()))
        try:
            await asyncio.wait_for(waiting, self._settings.stop_seconds + GRACE)
        except TimeoutError:
            self._tell(signal.SIGKILL)
            await asyncio.gather(*(each.wait() for each in self._processes.values()))


def main() -> None:
    """Be one of several processes; `watch` names the socket, the folder and the settings."""
    end_with_parent()
    handle, folder, number, settings = sys.argv[1:]

    def ready() -> None:
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()

    with socket.socket(fileno=int(handle)) as listener:
        own = Settings.model_validate_json(settings)
        if not run(own, listener, ready, (Path(folder), int(number))):
            sys.exit(1)


if __name__ == "__main__":
    main()
