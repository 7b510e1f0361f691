"""Why somebody may or may not do something: every chain from a person to a permission on one object, in words."""
