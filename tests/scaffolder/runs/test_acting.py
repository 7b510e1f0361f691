"""A run that acts: a real one, which asks the portal that runs it with the token that it was given."""

from __future__ import annotations

import sys

import pytest

from portal.accounts.models import ApiToken
from portal.accounts.subjects import person
from portal.spaces.models import Role, Space
from scaffolder.runs.models import Run
from scaffolder.stacks import acting
from scaffolder.stacks.models import Stack
from tests.factories.portal import bind, make_space
from tests.scaffolder.runs.test_survive import Portal, base64_of, everywhere, portal

__all__ = ["portal"]

ACT = """
import json, os, pathlib, sys, urllib.request
address, token = os.environ.get("CALLBOARD_API_URL", ""), os.environ.get("CALLBOARD_API_TOKEN", "")
pathlib.Path(sys.argv[1]).write_text(token)
print("the token is", token)
body = json.dumps({"name": "Made by a run", "slug": "made", "parent": "wings"}).encode()
headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
if token:
    urllib.request.urlopen(urllib.request.Request(address + "/api/v1/spaces/", body, headers))
"""


@pytest.mark.timeout(300)
def test_a_run_acts_where_its_stack_has_a_role_and_only_while_it_works(portal: Portal) -> None:
    owner_space = Space.objects.get(slug="stage")
    wings = make_space("wings")
    seen = portal.folder / "token.txt"
    code = f"""
resource "terraform_data" "act" {{
  provisioner "local-exec" {{ command = "{sys.executable} act.py {seen}" }}
}}
"""
    portal.api(
        "POST", "stacks/", name="Net", space="stage", tool="opentofu", is_autodeployed=True,
        bundle=base64_of(main_tf=code, act_py=ACT),
    )  # fmt: skip
    portal.run(portal.start_run("net"), "finished")
    assert seen.read_text() == ""
    assert not Space.objects.filter(slug="made").exists()

    stack = Stack.objects.get(slug="net")
    owner = stack.created_by
    assert owner is not None
    assert stack.space == owner_space
    bind(owner, "admin", wings)
    acting.give_role(subject=person(owner), stack=stack, role=Role.objects.get(slug="admin"), space=wings)
    portal.api("PATCH", "stacks/net/", bundle=base64_of(main_tf=code.replace('"act"', '"again"'), act_py=ACT))
    uid = portal.start_run("net")
    portal.run(uid, "finished")
    token = seen.read_text()
    assert token.startswith("cbp_")
    assert Space.objects.get(slug="made").parent == wings
    assert "the token is ***" in portal.log(uid)
    assert everywhere(token) == []
    assert not ApiToken.objects.filter(name=acting.name_of_token(uid)).exists()
    assert Run.objects.get(uid=uid).state == "finished"
