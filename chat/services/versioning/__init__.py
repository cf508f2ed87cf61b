"""Versions of a conversation's workspace: made, kept, restored."""
