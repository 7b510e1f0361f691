"""Forms of blueprints: from the JSON Schema of a template to fields, and from what is posted back to values."""
