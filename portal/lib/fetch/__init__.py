"""The one door for outgoing HTTP: allowed hosts, checked and pinned addresses, one deadline and bounded answers."""

from portal.lib.fetch.allow import AllowList
from portal.lib.fetch.fetcher import Fetcher, Response, from_settings
from portal.lib.fetch.sources import SourceUrl, parse_source_url, resolve_url

__all__ = ["AllowList", "Fetcher", "Response", "SourceUrl", "from_settings", "parse_source_url", "resolve_url"]
