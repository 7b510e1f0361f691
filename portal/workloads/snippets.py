"""How a job asks for its token, ready to be copied into a pipeline."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.conf import settings

from portal.workloads.models import Trust
from portal.workloads.token_api import GRANT

_GITHUB = """\
permissions:
  id-token: write

jobs:
  callboard:
    runs-on: ubuntu-latest
    steps:
      - name: Ask Callboard for a token
        run: |
          presented=$(curl -sSf -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \\
            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience={quoted}" | jq -r .value)
          token=$(curl -sS {portal}/api/v1/workload-tokens \\
            --data-urlencode "grant_type={grant}" \\
            --data-urlencode "subject_token_type=urn:ietf:params:oauth:token-type:jwt" \\
            --data-urlencode "subject_token=$presented" \\
            --data-urlencode "trust={trust}" | jq -r '.access_token // error(.error_description)')
          echo "::add-mask::$token"
          curl -sS --fail-with-body -H "Authorization: Bearer $token" {portal}/api/v1/spaces
"""
_GITLAB = """\
callboard:
  image: alpine:latest
  id_tokens:
    PRESENTED:
      aud: {audience}
  script:
    - apk add --no-cache curl jq
    - |
      token=$(curl -sS {portal}/api/v1/workload-tokens \\
        --data-urlencode "grant_type={grant}" \\
        --data-urlencode "subject_token_type=urn:ietf:params:oauth:token-type:id_token" \\
        --data-urlencode "subject_token=$PRESENTED" \\
        --data-urlencode "trust={trust}" | jq -r '.access_token // error(.error_description)')
      curl -sS --fail-with-body -H "Authorization: Bearer $token" {portal}/api/v1/spaces
"""


def snippets_for(trust: Trust) -> list[tuple[str, str]]:
    """(name of the system, its YAML), the one of the trust's issuer first."""
    values = {
        "portal": settings.BASE_URL, "grant": GRANT, "trust": trust.uid,
        "quoted": quote(trust.audience, safe=""), "audience": json.dumps(trust.audience),
    }  # fmt: skip
    found = [("GitHub Actions", _GITHUB.format(**values)), ("GitLab CI", _GITLAB.format(**values))]
    return found[::-1] if "gitlab" in trust.issuer else found
