"""Entities that programs give by themselves: a whole set, or what has changed."""
