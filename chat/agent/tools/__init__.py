"""The agent's tools, one a file. They call services and say what came of it, nothing more."""
