"""The entity as the catalog serves it: what its source says, and what the catalog knows about it.

Rules: Backstage's stitching.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from catalog.entities.locations import EDIT_URL, ORPHAN, VIEW_URL
from catalog.entities.refs import Entity, is_script_address
from catalog.entities.relations import Relation

PROCESSING_STATUS = "backstage.io/catalog-processing"
# The class of errors, in Backstage's words, to which all complaints about a source belong.
_ERROR_NAME = "InputError"
REJECTED_ADDRESS = "https://backstage.io/annotation-rejected-for-security-reasons"


def stitch(
    entity: Entity,
    relations: Iterable[Relation],
    errors: Iterable[str] = (),
    *,
    uid: str,
    orphan: bool = False,
    etag: str | None = None,
) -> Entity:
    """The served form of a processed entity.

    ``relations`` are all whose source is the entity, ``errors`` what its last processing complained of, ``orphan``
    tells that no location holds it any more. The etag is that of the source, else ``etag``, else a hash of the content.
    """
    metadata = dict(entity["metadata"])
    annotations = _safe_annotations(metadata.get("annotations") or {}, orphan)
    if annotations:
        metadata["annotations"] = annotations
    pairs = sorted({(relation.type, relation.target) for relation in relations})
    stitched: Entity = {
        **entity,
        "metadata": metadata,
        "relations": [{"type": type_, "targetRef": target} for type_, target in pairs],
    }
    if items := [_status_item(error) for error in errors]:
        stitched["status"] = {"items": items}
    etag = metadata.get("etag") or etag or content_hash(stitched)
    metadata["uid"] = uid
    metadata["etag"] = etag
    return stitched


def etag_of(digest: str, pairs: Iterable[tuple[str, str]], errors: Iterable[str], orphan: bool) -> str:
    """The etag of what is served: of the source, its relations (type, target), and what is wrong with it."""
    text = repr((digest, sorted(pairs), list(errors), orphan))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def content_hash(value: Any) -> str:
    """A hash that two values share exactly when they are the same JSON, whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _safe_annotations(annotations: dict[str, str], orphan: bool) -> dict[str, str]:
    # SECURITY: these two become links; an address that runs as script must not reach the page.
    rejected = {key: REJECTED_ADDRESS for key in (VIEW_URL, EDIT_URL) if is_script_address(annotations.get(key, ""))}
    return {**annotations, **rejected, **({ORPHAN: "true"} if orphan else {})}


def _status_item(message: str) -> dict[str, Any]:
    return {
        "type": PROCESSING_STATUS,
        "level": "error",
        "message": f"{_ERROR_NAME}: {message}",
        "error": {"name": _ERROR_NAME, "message": message},
    }
