"""One style sheet out of many: the framework's parts in a layer of their own, then tokens, base, components, pages.

The parts are files of their own for people; browsers get one file, which compresses better and needs one request.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from django.conf import settings

NAME = "css/callboard.css"
FRAMEWORK = ("bootstrap/dist/css/bootstrap-reboot.min.css", "bootstrap/dist/css/bootstrap-utilities.min.css")
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/|@charset \"[^\"]+\";")


def parts() -> list[Path]:
    """Our own parts in their order: tokens, base, then components and pages by name."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    nested = [path for name in ("components", "pages") for path in sorted((folder / name).glob("*.css"))]
    return [folder / "tokens.css", folder / "base.css", *nested]


def assemble() -> str:
    """The whole style sheet. Where npm's packages are not installed yet, the framework is left out."""
    framework = [Path(settings.NODE_MODULES) / name for name in FRAMEWORK]
    foreign = "\n".join(_SOURCE_MAP.sub("", path.read_text(encoding="utf-8")) for path in framework if path.exists())
    ours = "\n".join(path.read_text(encoding="utf-8") for path in parts())
    return f"@layer framework {{\n{foreign}\n}}\n{ours}"


def written() -> Path:
    """A file with the style sheet as it is now; written anew where a part has changed."""
    target = Path(settings.DATA_DIR) / "assembled" / NAME
    text = assemble()
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".css")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    return target
