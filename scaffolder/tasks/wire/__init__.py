"""The task endpoints of Backstage's scaffolder wire contract, below ``/api/scaffolder/v2``."""
