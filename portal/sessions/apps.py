"""Sessions: the browsers that people are signed in with."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Label ``portal_sessions``: one row for each browser, the same for every web process."""

    name = "portal.sessions"
    label = "portal_sessions"
    verbose_name = "Sessions"

    def ready(self) -> None:
        """Hear when somebody signs in: where from, and with what."""
        from django.contrib.auth.signals import user_logged_in

        from portal.sessions import signing_in

        user_logged_in.connect(signing_in.on_signed_in, dispatch_uid="portal_sessions.signed_in")
