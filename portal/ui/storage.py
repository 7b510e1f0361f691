"""Hashed and compressed static files."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names carry a content hash, so that browsers may keep them for ever."""

    manifest_strict = True
    support_js_module_import_aggregation = True
