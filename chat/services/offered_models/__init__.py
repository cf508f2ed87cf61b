"""Models and their providers, and which of them a conversation is asked with."""
