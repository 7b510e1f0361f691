"""Forms of stacks and variables: shape only; the verbs know the rules."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import Space
from scaffolder.stacks.models import Stack
from scaffolder.stacks.policies import Permission
from scaffolder.tools.registry import tool_classes

_ROOT_HELP = "The folder of the code in the repository; empty for its top."
_AUTO_HELP = "Changes are made as soon as they are planned. Destroying always asks."
_OPTIONS_HELP = "One on a line, like playbook=site.yml. Ansible knows playbook, destroy_playbook, inventory and check."
_PRIVATE_HELP = "For a private repository. It is stored encrypted and shown to nobody again; leave empty to keep it."


class StackForm(forms.Form):
    """A stack that there is. Where its code comes from a task, the fields of the repository are left out."""

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"data-slug-to": "id_slug"}))
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    tool = forms.ChoiceField(choices=lambda: [(name, tool.title) for name, tool in sorted(tool_classes().items())])
    repository = forms.CharField(
        max_length=500, help_text="An https address, or a repository in a folder that operators allow."
    )
    repository_token = forms.CharField(
        required=False, label="Token", help_text=_PRIVATE_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    branch = forms.CharField(max_length=255, required=False, help_text="Empty for the default branch.")
    project_root = forms.CharField(max_length=500, required=False, label="Project root", help_text=_ROOT_HELP)
    options = forms.CharField(
        required=False, label="Options of the tool", widget=forms.Textarea(attrs={"rows": 2}), help_text=_OPTIONS_HELP
    )
    labels = forms.CharField(required=False, help_text="Words, with commas between them.")
    entity_ref = forms.CharField(
        required=False, label="Owning entity", help_text="Like component:default/shop; its page shows the resources."
    )
    is_autodeployed = forms.BooleanField(required=False, label="Apply without asking", help_text=_AUTO_HELP)
    is_protected = forms.BooleanField(required=False, label="Protect from deletion")

    def __init__(self, *args: Any, stack: Stack | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if stack is not None and stack.is_bundle:
            for name in ("repository", "repository_token", "branch"):
                del self.fields[name]

    def clean_labels(self) -> list[str]:
        """The words."""
        return [word.strip() for word in str(self.cleaned_data["labels"]).split(",") if word.strip()]

    def clean_options(self) -> dict[str, str]:
        """Names with their texts."""
        lines = [line for line in str(self.cleaned_data["options"]).splitlines() if line.strip()]
        pairs = [line.partition("=") for line in lines]
        if bad := [name for name, equals, _ in pairs if not (equals and name.strip())]:
            raise forms.ValidationError(f"“{bad[0][:60]}” is no option: write name=value, one on a line.")
        return {name.strip(): value.strip() for name, _, value in pairs}

    def values(self) -> dict[str, Any]:
        """What the verb takes; an empty token keeps the stored one."""
        return {name: value for name, value in self.cleaned_data.items() if name != "repository_token" or value}


class StackCreateForm(StackForm):
    """A new stack."""

    slug = forms.SlugField(max_length=80, label="Short name", help_text="For addresses and the API; it stays.")
    space = forms.ModelChoiceField(
        Space.objects.none(), to_field_name="slug", help_text="Decides who sees the stack and may run it."
    )
    field_order = ("name", "slug", "space", "tool", "repository", "repository_token", "branch", "project_root")

    def __init__(self, *args: Any, subject: Subject, **options: Any) -> None:
        super().__init__(*args, **options)
        space = cast("forms.ModelChoiceField[Space]", self.fields["space"])
        space.queryset = access.spaces_with(subject, Permission.STACK_CREATE).order_by("name")


class VariableForm(forms.Form):
    """A variable that is added or replaced."""

    name = forms.CharField(max_length=200)
    value = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}))
    is_secret = forms.BooleanField(required=False, label="Secret", help_text="Nobody can read it again.")
    is_environment = forms.BooleanField(
        required=False, label="In the environment", help_text="Otherwise it is an input of the code."
    )
