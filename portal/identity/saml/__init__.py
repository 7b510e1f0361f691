"""SAML 2: signed assertions, used once, answered where they were asked for."""
