"""The tag library that every component registers in, and block components with slots.

A block component is ``{% name arguments %} … {% endname %}``. Inside of it ``{% slot "actions" %} … {% endslot %}``
puts markup into a named place of its template; everything else is the component's content.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import getfullargspec
from typing import Any

from django.template import Context, Engine, Library, Node, NodeList, Template
from django.template.base import FilterExpression, Parser, Token
from django.template.library import parse_bits
from django.utils.safestring import SafeString, mark_safe

register = Library()
Prepare = Callable[..., dict[str, Any]]
_SLOTS = "_component_slots"
# What every component template may ask for, because included templates do not see the page's context.
_INHERITED = ("request", "subject", "csrf_token")


class BlockComponent(Node):
    """One use of a block component on a page."""

    def __init__(
        self,
        prepare: Prepare,
        template_name: str,
        args: list[FilterExpression],
        kwargs: dict[str, FilterExpression],
        nodelist: NodeList,
    ) -> None:
        self.prepare, self.template_name = prepare, template_name
        self.args, self.kwargs = args, kwargs
        self.nodelist = nodelist
        self.wants_request = "request" in getfullargspec(prepare).kwonlyargs

    def render(self, context: Context) -> SafeString:
        """The component's template around the rendered content and slots."""
        slots: dict[str, SafeString] = {}
        args = [argument.resolve(context) for argument in self.args]
        kwargs = {name: argument.resolve(context) for name, argument in self.kwargs.items()}
        if self.wants_request:
            kwargs.setdefault("request", context.get("request"))
        with context.push(**{_SLOTS: slots}):
            content = self.nodelist.render(context)
        inherited = {name: context.get(name) for name in _INHERITED}
        values = {**inherited, **self.prepare(*args, **kwargs), "content": content, "slots": slots}
        template = get_template(self.template_name, context)
        return mark_safe(template.render(context.new(values)))  # noqa: S308 (a rendered template)


def get_template(name: str, context: Context) -> Template:
    """A component's template, found by the engine that renders the page."""
    engine = context.template.engine if context.template else Engine.get_default()
    return engine.get_template(name)


class Slot(Node):
    """Markup for a named place of the component around it."""

    def __init__(self, name: FilterExpression, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: Context) -> SafeString:
        """Hand the markup to the component; leave nothing here."""
        rendered = self.nodelist.render(context)
        context[_SLOTS][str(self.name.resolve(context))] = rendered.strip() and mark_safe(rendered)  # noqa: S308
        return mark_safe("")


@register.tag("slot")
def slot_tag(parser: Parser, token: Token) -> Slot:
    """``{% slot "name" %} … {% endslot %}`` inside of a block component."""
    _, name = token.split_contents()
    nodelist = parser.parse(("endslot",))
    parser.delete_first_token()
    return Slot(parser.compile_filter(name), nodelist)


def block_component(name: str, template_name: str) -> Callable[[Prepare], Prepare]:
    """Register ``prepare`` as ``{% name … %}``; it turns the tag's arguments into the template's context."""

    def decorate(prepare: Prepare) -> Prepare:
        spec = getfullargspec(prepare)

        def compile_tag(parser: Parser, token: Token) -> BlockComponent:
            bits = token.split_contents()[1:]
            signature = (spec.args, spec.varargs, spec.varkw, spec.defaults, spec.kwonlyargs, spec.kwonlydefaults)
            # The stubs know an older signature, without keyword-only arguments.
            args, kwargs = parse_bits(parser, bits, *signature, False, name)  # type: ignore[call-arg, arg-type]
            nodelist = parser.parse((f"end{name}",))
            parser.delete_first_token()
            return BlockComponent(prepare, template_name, args, kwargs, nodelist)

        register.tag(name, compile_tag)
        return prepare

    return decorate
