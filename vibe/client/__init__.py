"""The command-line client `vibe`: the API for people. No Django; only `sh` needs a library."""
