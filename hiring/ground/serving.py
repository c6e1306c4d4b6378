"""Serving: the web server on 127.0.0.1, and beside it, where wanted, the worker that does what is due.

The server's main process starts the worker, starts it anew when it dies, and stops it when the server stops. A worker
whose server was killed ends by itself.
"""

import contextlib
import gc
import importlib
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import structlog

from hiring.ground import logs, turns
from hiring.ground.config import Settings
from hiring.ground.jobs import SERVED_BY

HOST = "127.0.0.1"
_PROCESSES = 2
"""A process answers on one core at a time; the databases' own locks are what keeps writers apart."""
THREADS = 8
"""Of each process, which computes one answer at a time (see turns): for those that wait for something else.

The application keeps a connection to the database for each of them.
"""
_RESTART_SECONDS = 5.0
_STOP_SECONDS = 30.0

log = structlog.get_logger()


class PortTaken(Exception):
    """Another program listens on the port; ``str`` says what to do."""


class _Worker:
    """The worker process beside the server; ``keep_running`` is asked about once a second."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started = float("-inf")

    def keep_running(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            log.warning("worker ended; it is started again")
            self._process = None
        if self._process is None and time.monotonic() - self._started >= _RESTART_SECONDS:
            self._started = time.monotonic()
            command = [sys.executable, "-m", "hiring.cli", "worker"]
            self._process = subprocess.Popen(command, env=os.environ | {SERVED_BY: str(os.getpid())})  # noqa: S603

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(app_factory: str, settings: Settings, *, with_worker: bool) -> None:
    """Serve until stopped; returns or raises SystemExit when the server ends. Raises PortTaken.

    ``app_factory`` names a function without arguments, like ``hiring.app:create_app``.
    """
    logs.configure()
    _check_port(settings.port)
    worker = _Worker() if with_worker else None
    try:
        if sys.platform == "win32":
            _serve_with_waitress(app_factory, settings, worker)
        else:
            _Server(app_factory, settings, worker).run()
    finally:
        if worker is not None:
            worker.stop()


def _check_port(port: int) -> None:
    with contextlib.closing(socket.socket()) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTaken(f"Port {port} cannot be used ({error.strerror}). Choose another with PORT=5001.") from error


def _load(app_factory: str) -> Any:
    module, _, name = app_factory.partition(":")
    factory: Callable[[], Any] = getattr(importlib.import_module(module), name)
    application = factory()
    turns.one_at_a_time(application)
    return application


def _say_open(port: int) -> None:
    sys.stdout.write(f"Open http://{HOST}:{port}\n")
    sys.stdout.flush()


if sys.platform == "win32":

    def _serve_with_waitress(app_factory: str, settings: Settings, worker: _Worker | None) -> None:
        import threading

        import waitress

        def tend() -> None:
            while worker is not None:
                worker.keep_running()
                time.sleep(1)

        application = _load(app_factory)
        threading.Thread(target=tend, daemon=True).start()
        _say_open(settings.port)
        waitress.serve(application, host=HOST, port=settings.port, threads=THREADS)

else:
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter
    from gunicorn.errors import HaltServer
    from gunicorn.glogging import Logger

    class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
        """gunicorn's messages join ours; requests are logged by the pages' frame."""

        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            self.error_log.handlers.clear()
            self.error_log.propagate = True
            self.error_log.setLevel(logging.WARNING)

    class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
        """The main process: its loop, which looks after the web processes once a second, looks after the worker too."""

        stopping = False

        def stop(self, graceful: bool = True) -> None:
            self.stopping = True
            super().stop(graceful)

        def reap_workers(self) -> None:
            """A web process that was told to stop while it began has not failed to begin."""
            try:
                super().reap_workers()
            except HaltServer:
                if not self.stopping:
                    raise

        def murder_workers(self) -> None:
            super().murder_workers()
            if self.app.worker is not None:
                self.app.worker.keep_running()

    class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        """gunicorn without its command line. The application is loaded after the fork, so that threads survive."""

        def __init__(self, app_factory: str, settings: Settings, worker: _Worker | None) -> None:
            self.app_factory = app_factory
            self.settings = settings
            self.worker = worker
            super().__init__()

        def load_config(self) -> None:
            options = {
                "bind": f"{HOST}:{self.settings.port}",
                "workers": _PROCESSES,
                "worker_class": "gthread",
                "threads": THREADS,
                # A kept connection stays with its process, however busy that one is; a new one goes to the idle. On
                # this machine, where the server listens, a new one costs next to nothing.
                "keepalive": 0,
                "timeout": 60,
                "graceful_timeout": 10,
                "preload_app": False,
                "control_socket_disable": True,
                "logger_class": _Log,
                "when_ready": lambda _server: _say_open(self.settings.port),
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            application = _load(self.app_factory)
            # What is loaded stays. A collection that went through all of it would stop every thread for as long as a
            # dozen pages take.
            gc.collect()
            gc.freeze()
            return application

        def run(self) -> None:
            _Arbiter(self).run()
