"""The API against its own document, with more examples than the tests have time for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

from tests.bench.measures import Row

# For each operation and each of two callers. 0 leaves it out.
EXAMPLES = int(os.environ.get("BENCH_SCHEMA_EXAMPLES", "100"))
LONGEST_SECONDS = 3600


def measure_schema(database: str) -> list[Row]:
    """How many operations kept to the document; what did not is printed as the tests print it."""
    if not EXAMPLES:
        return []
    start = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--timeout", "1200", "tests/contracts/test_schema.py"]
    done = subprocess.run(
        command, env={**os.environ, "SCHEMA_EXAMPLES": str(EXAMPLES), "TEST_DATABASE_URL": database},
        capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False,
    )  # fmt: skip
    failed = len(re.findall(r"^FAILED ", done.stdout, re.MULTILINE))
    if done.returncode:
        print(done.stdout[-8000:])
    minutes = (time.monotonic() - start) / 60
    words = "no 5xx, no undocumented status or shape" if not done.returncode else "see above"
    return [
        (f"schemathesis, {EXAMPLES} examples an operation", f"{failed} failed", f"{minutes:.1f} minutes; {words}"),
    ]
