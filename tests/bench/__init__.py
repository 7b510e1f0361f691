"""Speed of a whole portal, measured and never asserted: ``make bench``."""
