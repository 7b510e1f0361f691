"""YAML 1.2 as people mean it: safe, bounded, every document judged alone, errors with line and column."""

from portal.lib.yaml.documents import Document, Limits, Problem
from portal.lib.yaml.reading import load, load_documents
from portal.lib.yaml.scalars import number_text
from portal.lib.yaml.writing import dump

__all__ = ["Document", "Limits", "Problem", "dump", "load", "load_documents", "number_text"]
