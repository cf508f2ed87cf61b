"""Finds the package registries that this machine's own package managers are set up for.

No host of a registry is written here: what pip, npm and apt say is where they look, and what
their indexes link to is what they fetch from.
"""
