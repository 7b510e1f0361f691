"""The one door to template expressions: values of a template, texts and paths of a skeleton, and conditions."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from portal.lib.errors import Invalid

from .extensions import Extensions, Function
from .sandbox import ENGINE_PATH, Limits, Program, run_job
from .values import UNDEFINED, Condition, Json, Rendered, TemplateWarning, to_json

DEFAULT_HOSTS: Final[Mapping[str, str]] = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucketCloud",
    "dev.azure.com": "azure",
}
PREFIX: Final = re.compile(r"^Template error at line \d+, column \d+: ")
NO_EXTENSIONS: Final = Extensions()


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How a skeleton is read: with ``{{ cookiecutter.x }}`` instead of ``${{ values.x }}``, and what tags trim."""

    cookiecutter_compat: bool = False
    trim_blocks: bool = False
    lstrip_blocks: bool = False

    @property
    def openings(self) -> tuple[str, ...]:
        return ("{{" if self.cookiecutter_compat else "${{", "{%", "{#")


class Engine:
    """Renders templates as Backstage 1.55 does. Cheap to make, safe to share between threads."""

    def __init__(
        self,
        hosts: Mapping[str, str] = DEFAULT_HOSTS,
        extensions: Extensions = NO_EXTENSIONS,
        limits: Limits | None = None,
        engine_path: Path = ENGINE_PATH,
    ) -> None:
        """Take the repository hosts that ``parseRepoUrl`` knows, each with its kind of integration.

        The kinds are those of Backstage: github, gitlab, bitbucketCloud, bitbucketServer, azure, gitea, gerrit; any
        other kind is treated like github. ``extensions`` are read now; later additions need a new engine.
        """
        self._program = Program(
            hosts=to_json(dict(hosts), "list of hosts"),
            filters=_functions(extensions.filters),
            globals=_globals(extensions),
            engine_path=engine_path,
            limits=limits or Limits(),
        )

    def render_value(self, template: Json, context: Mapping[str, Json], *, failed: bool = False) -> Rendered:
        """Render every text inside ``template``, as for a step's input or a template's output.

        A text that is one expression keeps the type of its value; what is undefined is left out of its object and is
        ``None`` in a list. A failing expression leaves its text in place and gives a warning. ``failed`` is what
        ``failure()`` answers. Raises Invalid for a context that templates may not see, SandboxLimit at a limit.
        """
        answer = self._run("value", template, context, failed)
        value = UNDEFINED if answer["isUndefined"] else answer["value"]
        return Rendered(value, _warnings(answer))

    def evaluate_condition(self, condition: Json, context: Mapping[str, Json], *, failed: bool = False) -> Condition:
        """Evaluate the ``if`` of a step: true, false or a text to render.

        After a failed step only a condition that asks ``always()`` or ``failure()`` lets a step run. Errors as in
        ``render_value``, and Invalid for a condition that is neither a text nor a boolean.
        """
        if isinstance(condition, bool):
            return Condition(condition)
        if not isinstance(condition, str):
            raise Invalid(f"An `if` must be a text or true or false, not {json.dumps(condition)}")
        answer = self._run("condition", condition, context, failed)
        return Condition(answer["holds"], answer["asked"], _warnings(answer))

    def text_renderer(self, values: Json, options: TextOptions | None = None) -> TextRenderer:
        """Prepare to render the files and the paths of a skeleton, which see ``values`` and nothing else."""
        return TextRenderer(self._program, values, options or TextOptions())

    def render_text(self, text: str, values: Json, options: TextOptions | None = None, *, name: str = "") -> str:
        """Render one text of a skeleton; ``TextRenderer.render`` says more."""
        return self.text_renderer(values, options).render(text, name=name)

    def _run(self, kind: str, template: Json, context: Mapping[str, Json], failed: bool) -> dict[str, Any]:
        context_json = to_json(dict(context), "context of the template")
        answer = run_job(self._program, _job(kind, to_json(template, "template"), context_json, failed=failed))
        if "error" in answer:
            raise Invalid(f"The values cannot be used in a template: {answer['error']['message']}")
        return answer


class TextRenderer:
    """Renders many texts with the same values, which are written as JSON once."""

    def __init__(self, program: Program, values: Json, options: TextOptions) -> None:
        self._program = program
        self._openings = options.openings
        name = "cookiecutter" if options.cookiecutter_compat else "values"
        self._context = to_json({name: values}, "values of the template")
        self._options = json.dumps(
            {
                "cookiecutterCompat": options.cookiecutter_compat,
                "trimBlocks": options.trim_blocks,
                "lstripBlocks": options.lstrip_blocks,
            }
        )

    def render(self, text: str, *, name: str = "") -> str:
        """Render a file's content or a path. ``name`` says in errors which file it is.

        Raises Invalid with ``data`` file, line and column when an expression fails, SandboxLimit at a limit.
        """
        if not any(opening in text for opening in self._openings):
            return text
        job = _job("text", json.dumps(text), self._context, options=self._options)
        answer = run_job(self._program, job)
        if "error" in answer:
            raise _text_error(answer["error"], name)
        rendered: str = answer["text"]
        return rendered


def _job(kind: str, template: str, context: str, *, failed: bool = False, options: str = "null") -> str:
    """Compose a job from parts that are JSON already."""
    seed = [secrets.randbits(32) for _ in range(4)]
    return (
        f'{{"kind": "{kind}", "template": {template}, "context": {context}, "failed": {json.dumps(failed)}, '
        f'"options": {options}, "seed": {seed}}}'
    )


def _text_error(error: dict[str, Any], name: str) -> Invalid:
    line, column = error["line"], error["column"]
    where = [name] if name else []
    where += [f"line {line}", f"column {column}"] if line else []
    detail = ": ".join(filter(None, [", ".join(where), PREFIX.sub("", error["message"])]))
    return Invalid(detail, file=name, line=line, column=column)


def _warnings(answer: dict[str, Any]) -> tuple[TemplateWarning, ...]:
    return tuple(
        TemplateWarning(tuple(item["path"]), item["message"], item["line"], item["column"])
        for item in answer["warnings"]
    )


def _functions(functions: Mapping[str, Function]) -> str:
    members = ", ".join(f"{json.dumps(name)}: ({item.source})" for name, item in functions.items())
    return f"{{{members}}}"


def _globals(extensions: Extensions) -> str:
    values = {name: item.value for name, item in extensions.values.items()}
    return f"{{...{_functions(extensions.functions)}, ...{to_json(values, 'global values')}}}"
