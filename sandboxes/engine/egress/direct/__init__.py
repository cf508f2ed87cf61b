"""Connections of programs that know no proxy: they ask for a name, get an address that stands for
it, and connect there. What they reach is decided as for the proxy, by the name."""
