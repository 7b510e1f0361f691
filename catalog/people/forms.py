"""The form of the order of rules."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from catalog.people.models import Rule

_PLACES = ("First", "Then", "Last")
_LABELS = {
    Rule.ANNOTATION: "Annotation of the entity",
    Rule.EMAIL: "E-mail address",
    Rule.NAME: "Name",
}


class RulesForm(forms.Form):
    """A place for each rule; what stands in no place is not asked."""

    def __init__(self, data: object = None, *, rules: Sequence[Rule] = ()) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        choices = [("", "no rule"), *((rule.value, _LABELS[rule]) for rule in Rule)]
        for number, label in enumerate(_PLACES):
            self.fields[f"rule_{number}"] = forms.ChoiceField(
                choices=choices, label=label, required=False, initial=rules[number] if number < len(rules) else ""
            )

    def rules(self) -> list[str]:
        """The rules in their order."""
        return [word for number in range(len(_PLACES)) if (word := self.cleaned_data[f"rule_{number}"])]
