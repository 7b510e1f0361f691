"""The pieces that pages are composed of, as template tags. ``portal.ui.templatetags.components`` is their manual."""
