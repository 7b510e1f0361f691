"""OpenID Connect: discovery, code flow with PKCE and nonce, refresh and both ways of signing out."""
