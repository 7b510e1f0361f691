"""Grants on single things: share one entity, blueprint, stack or task with a person or a group, see and revoke."""
