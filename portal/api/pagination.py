"""Cursor pagination: stable under inserts, no offsets."""

from rest_framework.pagination import CursorPagination


class CursorPage(CursorPagination):
    """Newest first by primary key unless a view says otherwise; ``?limit=`` up to 200."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
