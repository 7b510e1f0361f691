"""Open Policy Agent itself, where operators have one: its server, or its program in a cage."""

from __future__ import annotations

import json
import re
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.lib import processes
from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList, Fetcher, Response
from portal.lib.rego.cage import MAX_INPUT, MAX_OUTPUT
from portal.lib.rego.errors import EngineFailure, Reason
from portal.lib.rego.lint import code_of, package_of
from portal.lib.rego.modules import Module, Version

# Go reserves address space that it does not use.
_GO_OVERHEAD = 4 * 1024**3
_ANSWER = "callboard_answer"


def value_of(found: Any) -> Any:
    """The one value in the results of a query, as OPA and Regorus shape them."""
    try:
        rows = found.get("result") or []
        if len(rows) != 1:
            raise EngineFailure(Reason.UNDEFINED, "The policy gives no answer: what was asked for is undefined.")
        return rows[0]["expressions"][0]["value"]
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        raise EngineFailure(Reason.OUTPUT, "The engine's answer can not be read.") from error


def by_binary(binary: str, modules: Sequence[Module], document: str, query: str, *, timeout: float, memory: int) -> Any:
    """Evaluate with ``opa eval``: no environment of ours, a folder of its own, limits and a deadline."""
    _check_size(document)
    version = "--v0-compatible" if any(row.version is Version.V0 for row in modules) else "--v1-compatible"
    with tempfile.TemporaryDirectory(prefix="callboard-rego-") as name:
        folder = Path(name)
        (folder / "input.json").write_text(document, encoding="utf-8")
        words = [binary, "eval", "--format", "json", "--strict-builtin-errors", version, "--input", "input.json"]
        for number, module in enumerate(modules):
            (folder / f"{number}-{module.name}").write_text(module.body, encoding="utf-8")
            words += ["--data", f"{number}-{module.name}"]
        try:
            done = processes.run(
                [*words, query], cwd=folder, env={"GOMAXPROCS": "1", "GOMEMLIMIT": f"{memory}B"},
                on_line=lambda line: None, capture=True, deadline=time.monotonic() + timeout,
                limits=processes.Limits(
                    captured_bytes=MAX_OUTPUT, file_size=0, address_space=memory + _GO_OVERHEAD, open_files=64,
                    grace=0, orphan_grace=0,
                ), poll_seconds=0.05,
            )  # fmt: skip
        except processes.ProgramMissing as error:
            raise EngineFailure(Reason.ENGINE, error.detail) from error
    if done.ended_by is processes.EndedBy.DEADLINE:
        raise EngineFailure(Reason.TIMEOUT, f"It took longer than {timeout:g} seconds.")
    if done.ended_by is not processes.EndedBy.ITSELF:
        raise EngineFailure(Reason.CRASH, f"OPA was ended: {done.reason}")
    return _read_binary(done.captured, done.exit_code)


def _read_binary(output: bytes, code: int) -> Any:
    found = _parsed(output) if output or code == 0 else {}
    if isinstance(found, dict) and found.get("errors"):
        raise _failure_of(found["errors"])
    if code != 0:
        raise EngineFailure(Reason.CRASH, f"OPA ended early (exit code {code}).")
    return value_of(found)


def by_server(url: str, modules: Sequence[Module], document: str, query: str, *, timeout: float) -> Any:
    """Evaluate on an OPA server: upload under a name that only this evaluation has, ask, and take it away again.

    The server must read the version of the policy: for v0 it is started with ``--v0-compatible``.
    """
    _check_size(document)
    server, name = _Server(url, timeout), f"callboard_{uuid.uuid4().hex}"
    package = package_of(modules[0].body)
    answer = Module(f"package {package}\n\nimport rego.v1\n\n{_ANSWER} := {query}\n")
    uploaded = []
    try:
        for number, module in enumerate([*modules, answer]):
            path = f"/v1/policies/{name}/{number}"
            uploaded.append(path)
            server.send("PUT", path, renamed(module.body, package, f"{name}.{package}").encode(), "text/plain")
        asked = f"/v1/data/{name}/{package.replace('.', '/')}/{_ANSWER}?strict-builtin-errors=true"
        found = server.send("POST", asked, f'{{"input": {document}}}'.encode(), "application/json")
    finally:
        for path in reversed(uploaded):
            server.forget(path)
    if not isinstance(found, dict) or "result" not in found:
        raise EngineFailure(Reason.UNDEFINED, "The policy gives no answer: what was asked for is undefined.")
    return found["result"]


def renamed(body: str, package: str, wanted: str) -> str:
    """``body`` in the package ``wanted`` instead of ``package``; strings and comments stay as they are."""
    code, rows, last = code_of(body), [], 0
    pattern = re.compile(rf"(?<![\w.])(?P<head>package\s+|data\.){re.escape(package)}(?!\w)")
    for found in pattern.finditer(code):
        rows += [body[last : found.start()], found["head"], wanted]
        last = found.end()
    return "".join([*rows, body[last:]])


def _check_size(document: str) -> None:
    if len(document.encode()) > MAX_INPUT:
        raise EngineFailure(Reason.TOO_LARGE, f"The input is larger than {MAX_INPUT // 1024**2} MiB.")


class _Server:
    """The server that an operator named; its host may be private, and no other host is asked."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url.rstrip("/")
        host = urlsplit(self.url).netloc.rpartition("@")[2]
        self.fetcher = Fetcher(AllowList([host], [host]), max_bytes=MAX_OUTPUT, deadline=timeout, max_redirects=0)

    def send(self, method: str, path: str, body: bytes, kind: str) -> Any:
        """The parsed answer; raises ``EngineFailure`` for every other one."""
        answer = self._request(method, path, body, kind)
        if answer.status == 200:
            return _parsed(answer.body)
        found = _parsed(answer.body)
        errors = found.get("errors") or [found] if isinstance(found, dict) else []
        raise _failure_of(errors, answer.status)

    def forget(self, path: str) -> None:
        """Take an uploaded text away; one that stays is in a package that nobody asks for."""
        try:
            self._request("DELETE", path, None, "text/plain")
        except EngineFailure:
            return

    def _request(self, method: str, path: str, body: bytes | None, kind: str) -> Response:
        try:
            return self.fetcher.request(method, self.url + path, {"Content-Type": kind}, body)
        except PortalError as error:
            reason = Reason.TIMEOUT if error.code == "source_timeout" else Reason.ENGINE
            raise EngineFailure(reason, f"The OPA server does not answer: {error.detail}") from error


def _parsed(output: bytes) -> Any:
    try:
        return json.loads(output or b"{}")
    except (ValueError, RecursionError) as error:
        raise EngineFailure(Reason.OUTPUT, "OPA's answer can not be read.") from error


def _failure_of(errors: Any, status: int = 0) -> EngineFailure:
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    place = first.get("location") or {}
    code = str(first.get("code") or status or "")
    reason = Reason.COMPILE if "parse" in code or "compile" in code or "type" in code else Reason.RULE
    message = str(first.get("message") or f"OPA answered {status}.")[:500]
    return EngineFailure(reason, message, line=int(place.get("row", 0)), column=int(place.get("col", 0)))
