"""Template expressions (`${{ }}` and `{% %}`) exactly as Backstage's scaffolder evaluates them, in a sandbox."""
