"""GitHub, which speaks OAuth 2 without OpenID Connect: people by its API, organisations and teams as groups."""
