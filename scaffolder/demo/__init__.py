"""The demo: spaces, entities and blueprints of a fictional company that sells theatre tickets, and one environment."""
