"""The catalog of a company that does not exist: a touring theatre group with its own software."""
