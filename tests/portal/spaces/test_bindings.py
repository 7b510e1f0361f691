"""Bindings end, groups nest, roles are composed, machines act, tokens are narrow; all of it on the next request."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.utils import timezone

from portal.accounts.models import ApiToken, Workload
from portal.accounts.subjects import machine, person, system
from portal.api.authentication import subject_from_token
from portal.audit.models import AuditEvent
from portal.lib.errors import Conflict, Forbidden, Invalid
from portal.spaces import access
from portal.spaces.bindings import bind_role, change_end, register_workload_guard, remove_expired
from portal.spaces.models import Binding, Role
from portal.spaces.people import nest_group, unnest_group
from portal.spaces.roles import create_role, delete_role, update_role
from portal.spaces.tokens import issue_token, revoke_token
from tests.conftest import Cast
from tests.factories.portal import bind, make_group, make_user

pytestmark = pytest.mark.django_db


def role(slug: str) -> Role:
    return Role.objects.get(slug=slug)


def test_it_gives_nothing_from_the_moment_it_expires(cast: Cast) -> None:
    user, end = make_user("ada"), timezone.now() + timedelta(hours=1)
    bind_role(subject=cast.subject("owner"), space=cast.space, role=role("reader"), user=user, expires_at=end)
    assert access.can(person(user), "space:read", cast.space)
    with time_machine.travel(end + timedelta(seconds=1)):
        assert not access.can(person(user), "space:read", cast.space)
        assert remove_expired() == 1
        assert AuditEvent.objects.filter(action="binding.expire").count() == 1
    assert not Binding.objects.filter(user=user).exists()


def test_it_does_not_begin_in_the_past_and_can_be_prolonged(cast: Cast) -> None:
    user, end = make_user("ada"), timezone.now() + timedelta(hours=1)
    with pytest.raises(Invalid, match="past"):
        bind_role(
            subject=cast.subject("owner"), space=cast.space, role=role("reader"), user=user,
            expires_at=timezone.now() - timedelta(hours=1),
        )  # fmt: skip
    found = bind_role(subject=cast.subject("owner"), space=cast.space, role=role("reader"), user=user, expires_at=end)
    assert change_end(subject=cast.subject("owner"), binding=found, expires_at=None).expires_at is None


def test_it_does_not_let_the_last_admin_of_root_end_by_the_clock(cast: Cast) -> None:
    with pytest.raises(Conflict, match="last admin"):
        change_end(
            subject=cast.subject("operator"), binding=cast.operator.bindings.get(),
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip


def test_it_holds_through_five_levels_of_groups(cast: Cast) -> None:
    user = make_user("ada")
    chain = [make_group("level0", user), *(make_group(f"level{number}") for number in range(1, 5))]
    for child, parent in pairwise(chain):
        nest_group(subject=cast.subject("operator"), child=child, parent=parent)
    bind(chain[-1], "reader", cast.space)
    assert access.can(person(user), "space:read", cast.space)
    with pytest.raises(Invalid, match="already"):
        nest_group(subject=cast.subject("operator"), child=chain[-1], parent=chain[0])
    unnest_group(subject=cast.subject("operator"), child=chain[1], parent=chain[2])
    assert not access.can(person(user), "space:read", cast.space)


def test_it_leaves_groups_to_admins_of_root(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        nest_group(subject=cast.subject("owner"), child=make_group("a"), parent=make_group("b"))


def test_it_composes_a_role_that_holds_and_changes_at_once(cast: Cast) -> None:
    operator, user = cast.subject("operator"), make_user("ada")
    made = create_role(subject=operator, slug="starter", name="Starter", permissions=["run:trigger"])
    assert made.permissions == ["run:trigger", "space:read"]
    bind(user, "starter", cast.space)
    assert access.may_in(person(user), "run:trigger", cast.space)
    with pytest.raises(Conflict, match="given 1 times"):
        delete_role(subject=operator, role=made)
    update_role(subject=operator, role=made, name="Starter", permissions=["run:read"])
    assert not access.may_in(person(user), "run:trigger", cast.space)


def test_it_keeps_roles_of_the_system_and_refuses_unknown_permissions(cast: Cast) -> None:
    with pytest.raises(Conflict, match="role of the system"):
        update_role(subject=cast.subject("operator"), role=role("reader"), name="Reader", permissions=["space:delete"])
    with pytest.raises(Invalid, match="no permission"):
        create_role(subject=cast.subject("operator"), slug="odd", name="Odd", permissions=["space:fly"])
    with pytest.raises(Forbidden):
        create_role(subject=cast.subject("owner"), slug="mine", name="Mine", permissions=["space:read"])


def test_it_does_not_let_somebody_give_a_composed_role_with_more_than_they_have(cast: Cast) -> None:
    create_role(
        subject=cast.subject("operator"), slug="giver", name="Giver", permissions=["binding:manage", "space:read"]
    )
    giver = make_user("giver")
    bind(giver, "giver", cast.space)
    with pytest.raises(Forbidden, match="do not have"):
        bind_role(subject=person(giver), space=cast.space, role=role("admin"), user=giver)


def test_it_gives_no_role_to_a_kind_of_machine_that_nobody_answers_for(cast: Cast) -> None:
    job = Workload.objects.create(kind="robot", name="nightly")
    with pytest.raises(Forbidden, match="can not be given roles"):
        bind_role(subject=cast.subject("operator"), space=cast.space, role=role("reader"), workload=job)


def test_it_lets_a_machine_act_with_its_own_roles_only(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.spaces.bindings._guards", {})
    register_workload_guard("ci", lambda subject, workload, space: None)
    job = Workload.objects.create(kind="ci", name="nightly")
    bind_role(subject=cast.subject("operator"), space=cast.space, role=role("reader"), workload=job)
    assert access.can(machine(job), "space:read", cast.space)
    assert not access.can(machine(job), "space:update", cast.space)
    assert not access.can(machine(job), "space:read", cast.sibling)
    job.is_active = False
    assert not access.can(machine(job), "space:read", cast.space)


def test_it_acts_through_a_token_of_the_machine(cast: Cast) -> None:
    job = Workload.objects.create(kind="ci", name="nightly")
    _, plain = issue_token(subject=system(), owner=job, name="nightly")
    subject = subject_from_token(plain)
    assert subject is not None
    assert (subject.workload, subject.user, subject.is_anonymous) == (job, None, False)
    Workload.objects.update(is_active=False)
    assert subject_from_token(plain) is None


def test_it_gives_a_token_several_roles_and_no_more_than_its_owner_has(cast: Cast) -> None:
    bind(cast.owner, "reader", cast.sibling)
    _, plain = issue_token(
        subject=cast.subject("owner"), owner=cast.owner, name="two",
        roles=[(role("reader"), cast.space), (role("admin"), cast.sibling)],
    )  # fmt: skip
    subject = subject_from_token(plain)
    assert subject is not None
    assert access.can(subject, "space:read", cast.space)
    assert not access.can(subject, "space:update", cast.space)
    assert not access.can(subject, "space:update", cast.sibling)


@pytest.mark.parametrize(
    ("address", "is_good"), [("10.1.2.3", True), ("10.2.0.1", False), (None, False), ("::ffff:10.1.9.9", True)]
)
def test_it_takes_a_token_from_its_networks_only(address: str | None, is_good: bool, cast: Cast) -> None:
    owner = cast.subject("owner")
    _, plain = issue_token(subject=owner, owner=cast.owner, name="site", addresses=["10.1.0.0/16", "2001:db8::/32"])
    assert (subject_from_token(plain, address) is not None) == is_good


def test_it_refuses_what_is_no_network_and_forgets_revoked_tokens(cast: Cast) -> None:
    owner = cast.subject("owner")
    with pytest.raises(Invalid, match="no network"):
        issue_token(subject=owner, owner=cast.owner, name="odd", addresses=["somewhere"])
    token, plain = issue_token(subject=owner, owner=cast.owner, name="short")
    revoke_token(subject=owner, token=token)
    assert subject_from_token(plain) is None
    assert ApiToken.objects.get(pk=token.pk).revoked_at is not None
