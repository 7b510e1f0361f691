"""Second factors: authenticator apps, security keys and passkeys, recovery codes, and who must have one."""
