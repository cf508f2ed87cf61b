"""The built-in demo model: the whole platform without an account or a network."""
