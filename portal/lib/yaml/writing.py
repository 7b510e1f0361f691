"""Writes values as YAML that readers of YAML 1.1 and of YAML 1.2 understand alike."""

from __future__ import annotations

import io
import re

import yaml

from portal.lib.errors import Invalid
from portal.lib.yaml.documents import Yaml
from portal.lib.yaml.scalars import DECIMAL, FLOAT, POWER_OF_TWO

# Wide enough that no line is folded.
_WIDTH = 1_000_000
# libyaml would write these as line ends or not at all; only double quotes keep them.
_NEEDS_ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# libyaml would escape emoji and all else beyond the first plane, which hides them from people.
_WOULD_BE_ESCAPED = re.compile("[\ue000-\uf8ff\U00010000-\U0010ffff]")
_PRIVATE = range(0xE000, 0xF900)


class _Dumper(yaml.CSafeDumper):
    """Quotes a text whenever YAML 1.1 or YAML 1.2 would take it for something else."""

    def __init__(self, stream: io.StringIO) -> None:
        super().__init__(stream, allow_unicode=True, sort_keys=False, width=_WIDTH, default_flow_style=False)
        # Characters of the text, and those for private use that stand for them until the end.
        self.hidden: dict[str, str] = {}

    def ignore_aliases(self, data: object) -> bool:
        """Repeat values instead of pointing at them: people read and edit the result."""
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """A text; several lines stand as they are."""
        style = '"' if _NEEDS_ESCAPES.search(text) else "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", _WOULD_BE_ESCAPED.sub(self._hide, text), style=style)

    def _hide(self, found: re.Match[str]) -> str:
        return self.hidden.setdefault(found[0], chr(_PRIVATE[len(self.hidden) % len(_PRIVATE)]))


_Dumper.add_representer(str, _Dumper.represent_text)
# The dumper knows what YAML 1.1 takes for a number; these are the numbers of YAML 1.2.
for _pattern in (DECIMAL, POWER_OF_TWO, FLOAT):
    _Dumper.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(f"(?:{_pattern.pattern})$"), list("+-.0123456789")
    )


def dump(value: Yaml) -> str:
    """``value`` as one document. Keys keep their order; texts of several lines stand as they are.

    Raises ``Invalid`` for values that YAML or UTF-8 cannot hold.
    """
    stream = io.StringIO()
    dumper = _Dumper(stream)
    try:
        dumper.open()
        dumper.represent(value)
        dumper.close()
    except UnicodeEncodeError as error:
        raise Invalid("A text holds half a character, which cannot be written as UTF-8.") from error
    except yaml.YAMLError as error:
        raise Invalid(f"A value cannot be written as YAML: {error}.") from error
    finally:
        dumper.dispose()
    return stream.getvalue().translate({ord(private): shown for shown, private in dumper.hidden.items()})
