"""Infrastructure tools: one folder each, all of them behind the same few verbs, listed in ``registry``."""
