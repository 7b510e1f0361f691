"""The form of a destination."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.audit.models import Destination

ADDRESS_HELP = {
    Destination.Kind.WEBHOOK: "An https address that takes POST.",
    Destination.Kind.SYSLOG: "udp://host:514, tcp://host:601 or tls://host:6514.",
}


class DestinationForm(forms.Form):
    """Fields of one kind of destination; those that the kind does not have are left out."""

    name = forms.CharField(max_length=100)
    address = forms.CharField(max_length=500)
    secret = forms.CharField(
        required=False, max_length=200, label="Signing secret",
        help_text="Made here where it is empty. Stored encrypted and shown once.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    is_enabled = forms.BooleanField(required=False, initial=True, label="Send")
    with_past = forms.BooleanField(
        required=False, label="Begin with the past", help_text="Send the whole trail first, not only what happens now."
    )

    def __init__(self, kind: str, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].help_text = ADDRESS_HELP.get(Destination.Kind(kind), "")
        if kind == Destination.Kind.STDOUT:
            del self.fields["address"]
        if kind != Destination.Kind.WEBHOOK:
            del self.fields["secret"]
        if not is_new:
            del self.fields["with_past"]
            if "secret" in self.fields:
                self.fields["secret"].help_text = "Leave it empty to keep the one that is stored."
