"""The command-line client `vibe`: the JSON API for people. Standard library only, no Django."""
