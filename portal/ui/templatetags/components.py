"""Shared pieces of pages, as template tags. Pages compose them and style nothing themselves."""

from django import template

register = template.Library()
