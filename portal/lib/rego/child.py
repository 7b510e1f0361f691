"""The process in which one policy is evaluated: it reads one order, locks itself in, answers and ends.

Run as a script: ``python -I -S child.py FOLDER`` with an empty environment, FOLDER holding the engine. The order is one
JSON document on standard input, the answer one on standard output. It stands apart because the engine has no limits
of its own: endless work, a stack or a memory that overflows must cost this process only. Nobody imports it.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys

# PERF: a process for each evaluation, so it imports little; ``typing`` alone would be a tenth of its time.
# Type checkers take this name for ``typing.TYPE_CHECKING``.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Hashes = dict[str, tuple[int, Callable[..., Any]]]

_PLACE = re.compile(r"-->\s(?P<file>[^\n]*?):(?P<line>\d+):(?P<column>\d+)\s")
_FORBIDDEN_MARK = "this built-in is forbidden"


def main() -> int:
    """Do the one order."""
    order = json.loads(sys.stdin.buffer.read())
    # SECURITY: before the engine is loaded, whose allocator would set more address space aside than it may have.
    bound_memory(order["memory"])
    sys.path.append(sys.argv[1])
    import regorus  # type: ignore[import-untyped]

    hashes = hashing() if any("crypto." in module["body"] for module in order["modules"]) else {}
    lock_in(order["cpu"])
    try:
        answer = {"ok": check(regorus, order, hashes) if order["job"] == "check" else evaluate(regorus, order, hashes)}
    except MemoryError:
        answer = {"failure": {"reason": "memory", "message": "It needs more memory than a policy may have."}}
    except (RuntimeError, ValueError, TypeError) as error:
        answer = {"failure": told(str(error))}
    sys.stdout.buffer.write(json.dumps(answer).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    return 0


def bound_memory(memory: int) -> None:
    """At most so many bytes; macOS knows the limit and refuses every value."""
    if sys.platform != "darwin":
        _limit("RLIMIT_AS", memory)


def lock_in(cpu: int) -> None:
    """Take away what an evaluation does not need: files, sockets, processes, and time beyond the order's seconds.

    SECURITY: whatever the engine could be talked into, from here on no descriptor can be opened, so neither a file nor
    a connection, and nothing can be started.
    """
    if sys.platform == "linux":
        import ctypes

        library = ctypes.CDLL(None)
        library.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        library.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: other processes of this user can not look in
    _limit("RLIMIT_CPU", cpu)
    for name in ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE"):
        _limit(name, 0)


def _limit(name: str, value: int) -> None:
    kind = getattr(resource, name)
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def engine_for(regorus: Any, order: dict[str, Any], hashes: Hashes) -> Any:
    """An engine that knows the order's modules, lacks what is forbidden and has the hashes that Regorus leaves out."""
    engine = regorus.Engine()
    engine.set_gather_prints(True)
    for name, arguments in order["forbidden"]:
        engine.add_extension(name, arguments, _refuse)
    for name, (arguments, function) in hashes.items():
        engine.add_extension(name, arguments, function)
    for module in order["modules"]:
        engine.set_rego_v0(module["version"] == "v0")
        engine.add_policy(module["name"], module["body"])
    return engine


def evaluate(regorus: Any, order: dict[str, Any], hashes: Hashes) -> Any:
    """The results of the query, as the engine gives them."""
    engine = engine_for(regorus, order, hashes)
    engine.set_rego_v0(False)
    engine.set_input_json(order["input"])
    return json.loads(engine.eval_query_as_json(order["query"]))


def check(regorus: Any, order: dict[str, Any], hashes: Hashes) -> dict[str, Any]:
    """Package, rules and calls of unknown functions of the one module; errors of syntax and safety are raised."""
    known = json.loads(regorus.Engine().eval_query_as_json("opa.runtime().builtins"))
    builtins = set(known["result"][0]["expressions"][0]["value"]) | set(hashes)
    engine = engine_for(regorus, order, hashes)
    engine.set_input_json("{}")
    engine.eval_query_as_json("1")
    ast = json.loads(engine.get_ast_as_json())[0]["ast"]
    package = path_of(ast["package"]["refr"])
    rules = sorted({name for rule in ast["rules"] if (name := head_of(rule))})
    mine = set(rules) | set(order["functions"])
    mine |= {f"data.{package}.{name}" for name in mine}
    forbidden = {name for name, _ in order["forbidden"]}
    calls = [
        {"name": name, "line": span["line"], "column": span["col"], "is_forbidden": name in forbidden}
        for name, span in calls_in(ast["rules"])
        if name in forbidden or name not in builtins | mine
    ]
    return {"package": package, "rules": rules, "calls": calls}


def path_of(node: Any) -> str:
    """A reference as dotted text: ``data.acme.allow``; what is no constant becomes ``*``."""
    if "Var" in node:
        return str(node["Var"]["value"])
    if "RefDot" in node:
        return f"{path_of(node['RefDot']['refr'])}.{node['RefDot']['field'][1]}"
    if "RefBrack" in node:
        index = node["RefBrack"]["index"]
        return f"{path_of(node['RefBrack']['refr'])}.{index['String']['value'] if 'String' in index else '*'}"
    return "*"


def head_of(rule: Any) -> str:
    """The name of a rule: the first part of what it defines."""
    [(kind, content)] = rule.items()
    if kind == "Default":
        return path_of(content["refr"]).partition(".")[0]
    [(_, head)] = content["head"].items()
    return path_of(head["refr"]).partition(".")[0]


def calls_in(node: Any) -> Iterator[tuple[str, dict[str, int]]]:
    """Names and places of all calls."""
    if isinstance(node, list):
        for item in node:
            yield from calls_in(item)
    elif isinstance(node, dict):
        call = node.get("Call")
        if isinstance(call, dict) and "fcn" in call:
            [inner] = call["fcn"].values()
            yield path_of(call["fcn"]), start_of(call["fcn"]) or inner["span"]
        for item in node.values():
            yield from calls_in(item)


def start_of(node: Any) -> dict[str, int]:
    """Where a reference begins."""
    while not node.get("Var"):
        [inner] = node.values()
        node = inner.get("refr") or {"Var": inner}
    found: dict[str, int] = node["Var"]["span"]
    return found


def told(text: str) -> dict[str, Any]:
    """An error of the engine in one sentence with its place."""
    text = text.partition("Stack backtrace")[0].strip()
    place = _PLACE.search(text)
    message = text.rpartition("error: ")[2].strip() or text
    message = " ".join(line.strip() for line in message.splitlines() if line.strip())[:500]
    reason = "rule"
    if _FORBIDDEN_MARK in text:
        reason, message = "forbidden", "It calls a built-in that is forbidden."
    elif not place and "recursion limit exceeded" in text:
        reason, message = "too_large", "The input is nested too deeply."
    found: dict[str, Any] = {"reason": reason, "message": message}
    if place:
        found |= {"file": place["file"], "line": int(place["line"]), "column": int(place["column"])}
    return found


def _refuse(*_: Any) -> Any:
    raise ValueError(_FORBIDDEN_MARK)


def hashing() -> Hashes:
    """The built-ins of ``crypto`` that policies use, which Regorus leaves out: number of arguments and function."""
    import hashlib
    import hmac

    def plain(name: str) -> Callable[[str], str]:
        return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    def keyed(name: str) -> Callable[[str, str], str]:
        return lambda text, key: hmac.new(key.encode(), text.encode(), name).hexdigest()

    found: Hashes = {f"crypto.{name}": (1, plain(name)) for name in ("md5", "sha1", "sha256")}
    return found | {f"crypto.hmac.{name}": (2, keyed(name)) for name in ("md5", "sha1", "sha256", "sha512")}


if __name__ == "__main__":
    # PERF: nothing is left to tidy up, and doing so costs as much as a small evaluation.
    os._exit(main())
