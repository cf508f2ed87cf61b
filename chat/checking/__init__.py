"""Checks of apps, carried out in the chat worker: by rules, with no model."""
