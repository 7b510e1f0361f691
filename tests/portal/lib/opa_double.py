"""What stands for Open Policy Agent where there is none: its two doors in front of the embedded engine.

Run as a script it reads the arguments of ``opa eval``; ``OpaServer`` answers the REST API. What a policy means is said
by Regorus, so that these hold our side of the protocol and not OPA's language.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import regorus  # type: ignore[import-untyped]

_PLACE = re.compile(r":(\d+):(\d+)")


def problem_of(error: Exception) -> dict[str, Any]:
    text = str(error).partition("Stack backtrace")[0]
    place = _PLACE.search(text)
    row, column = (int(place[1]), int(place[2])) if place else (0, 0)
    message = text.rpartition("error: ")[2].strip()
    return {"message": message, "code": "rego_parse_error", "location": {"row": row, "col": column}}


def evaluated(modules: list[tuple[str, bool]], document: str, query: str) -> dict[str, Any]:
    engine = regorus.Engine()
    try:
        for body, is_old in modules:
            engine.set_rego_v0(is_old)
            engine.add_policy("policy.rego", body)
        engine.set_input_json(document)
        found: dict[str, Any] = json.loads(engine.eval_query_as_json(query))
    except (RuntimeError, ValueError) as error:
        return {"errors": [problem_of(error)]}
    return found if found.get("result") else {}


def main() -> int:
    """``opa eval`` as far as we use it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["eval"])
    parser.add_argument("--format", choices=["json"])
    parser.add_argument("--strict-builtin-errors", action="store_true", required=True)
    parser.add_argument("--v0-compatible", action="store_true")
    parser.add_argument("--v1-compatible", action="store_true")
    parser.add_argument("--input")
    parser.add_argument("--data", action="append")
    parser.add_argument("query")
    asked = parser.parse_args()
    if asked.query == "data.spy.environment":
        sys.stdout.write(json.dumps({"result": [{"expressions": [{"value": sorted(os.environ)}]}]}))
        return 0
    if asked.query == "data.slow.answer":
        time.sleep(60)
    modules = [(Path(name).read_text(), asked.v0_compatible) for name in asked.data]
    found = evaluated(modules, Path(asked.input).read_text(), asked.query)
    sys.stdout.write(json.dumps(found))
    return 2 if "errors" in found else 0


class OpaServer:
    """``PUT`` and ``DELETE /v1/policies/…`` and ``POST /v1/data/…`` on a free port; ``asked`` are the requests."""

    def __enter__(self) -> OpaServer:
        self.policies: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def body(self) -> str:
                return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

            def answer(self, status: int, found: Any) -> None:
                data = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_PUT(self) -> None:
                outer.asked.append(("PUT", self.path))
                body = self.body()
                found = evaluated([(body, False)], "{}", "1")
                if "errors" in found:
                    self.answer(400, found)
                    return
                outer.policies[self.path.removeprefix("/v1/policies/")] = body
                self.answer(200, {})

            def do_DELETE(self) -> None:
                outer.asked.append(("DELETE", self.path))
                outer.policies.pop(self.path.removeprefix("/v1/policies/"), None)
                self.answer(200, {})

            def do_POST(self) -> None:
                outer.asked.append(("POST", self.path))
                path = self.path.partition("?")[0].removeprefix("/v1/data/").replace("/", ".")
                document = json.dumps(json.loads(self.body())["input"])
                modules = [(body, False) for body in outer.policies.values()]
                found = evaluated(modules, document, f"data.{path}")
                if "errors" in found:
                    self.answer(500, found)
                    return
                rows = found.get("result") or []
                self.answer(200, {"result": rows[0]["expressions"][0]["value"]} if rows else {})

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    sys.exit(main())
