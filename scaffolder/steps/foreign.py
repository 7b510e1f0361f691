"""Actions of Backstage that this portal does not have.

Blueprints name them, so a dry run can still show what they would be given and what later steps would make of their
outputs; a real run says what to use instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.lib.errors import Invalid, Unavailable
from scaffolder.forms.repositories import read_repository
from scaffolder.steps.base import Action, Input, Output, Schema, StepContext

_KINDS: Mapping[str, Schema] = {"#": {"type": "number"}, "?": {"type": "boolean"}}
_REPOSITORY = "remoteUrl repoContentsUrl"
_PUBLISHED = f"{_REPOSITORY} commitHash"

# Their outputs: texts, numbers (#) and booleans (?).
OUTPUTS: Mapping[str, str] = {
    "bitbucket:pipelines:run": "buildNumber# repoUrl pipelinesUrl",
    "bitbucketCloud:branchRestriction:create": "json statusCode#",
    "confluence:transform:markdown": "repo owner",
    "fetch:cookiecutter": "",
    "fetch:rails": "",
    "github:actions:dispatch": "workflowRunId# workflowRunUrl workflowRunHtmlUrl",
    "github:autolinks:create": "",
    "github:branch-protection:create": "",
    "github:deployKey:create": "privateKeySecretName",
    "github:environment:create": "",
    "github:issues:create": "issueUrl issueNumber#",
    "github:issues:label": "",
    "github:pages:enable": "",
    "github:repo:create": _REPOSITORY,
    "github:repo:push": _PUBLISHED,
    "github:webhook": "",
    "gitlab:group:access": "path accessLevel#",
    "gitlab:group:ensureExists": "groupId#",
    "gitlab:group:migrate": "importedRepoUrl migrationId#",
    "gitlab:issue:edit": "issueUrl projectId# issueId# issueIid# state title updatedAt",
    "gitlab:issues:create": "issueUrl issueId# issueIid#",
    "gitlab:pipeline:trigger": "pipelineUrl",
    "gitlab:projectAccessToken:create": "access_token",
    "gitlab:projectDeployToken:create": "deploy_token user",
    "gitlab:projectVariable:create": "",
    "gitlab:repo:push": "projectid projectPath commitHash",
    "gitlab:user:info": "id# username name state webUrl email createdAt publicEmail",
    "notification:send": "",
    "publish:azure": f"{_REPOSITORY} repositoryId commitHash",
    "publish:bitbucketCloud": _PUBLISHED,
    "publish:bitbucketCloud:pull-request": "pullRequestUrl",
    "publish:bitbucketServer": _PUBLISHED,
    "publish:bitbucketServer:pull-request": "pullRequestUrl",
    "publish:gerrit": _PUBLISHED,
    "publish:gerrit:review": "reviewUrl repoContentsUrl",
    "publish:gitea": _PUBLISHED,
    "publish:github": _PUBLISHED,
    "publish:github:pull-request": "targetBranchName remoteUrl pullRequestNumber#",
    "publish:gitlab": f"{_REPOSITORY} projectId# commitHash created?",
    "publish:gitlab:merge-request": "targetBranchName projectid projectPath mergeRequestUrl",
    "sentry:fetch:dsn": "dsn",
    "sentry:project:create": "",
}
# Those that Backstage goes through in a dry run, with the inputs that it insists on.
GONE_THROUGH: Mapping[str, tuple[str, ...]] = {
    "github:issues:create": ("repoUrl", "title"),
    "github:webhook": ("repoUrl", "webhookUrl"),
    "gitlab:group:access": ("repoUrl", "path"),
    "gitlab:group:ensureExists": ("repoUrl", "path"),
    "publish:gerrit": ("repoUrl",),
    "publish:github:pull-request": ("repoUrl", "branchName", "title", "description"),
    "sentry:fetch:dsn": ("organizationSlug", "projectSlug"),
}
_REPLACEMENTS = (("publish:", "publish:git"), ("fetch:cookiecutter", "fetch:template with cookiecutterCompat"))


class ForeignAction(Action):
    """An action by name only."""

    def __init__(self, action_id: str) -> None:
        """Take one of ``OUTPUTS``."""
        required = GONE_THROUGH.get(action_id, ())
        self.id = action_id
        self.description = "An action of Backstage that this portal does not have."
        self.input_schema = {"type": "object", "required": list(required)}
        self.output_schema = _schema(OUTPUTS[action_id])
        self.supports_dry_run = action_id in GONE_THROUGH

    @property
    def advice(self) -> str:
        """What a blueprint may use instead."""
        known = next((new for start, new in _REPLACEMENTS if self.id.startswith(start)), "")
        return f"{self.id} is not available in this portal.{f' Use {known} instead.' if known else ''}"

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Raise Unavailable; in a dry run say so and give the repository that was named, as Backstage does."""
        if not ctx.is_dry_run:
            raise Unavailable(self.advice, action=self.id)
        ctx.log(f"{self.advice} A real run would end here.")
        if "repoUrl" not in given:
            return {}
        if read_repository(str(given["repoUrl"])) is None:
            raise Invalid(f"{given['repoUrl']!r} does not name a repository as host?owner=…&repo=….", field="repoUrl")
        return {"remoteUrl": given["repoUrl"]}


def _schema(outputs: str) -> Schema | None:
    if not outputs:
        return None
    names = {word.rstrip("#?"): _KINDS.get(word[-1], {"type": "string"}) for word in outputs.split()}
    return {"type": "object", "properties": names}


def foreign_actions() -> list[ForeignAction]:
    """All of them."""
    return [ForeignAction(action_id) for action_id in OUTPUTS]
