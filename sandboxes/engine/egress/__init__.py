"""The way out of a sandbox: which hosts it may reach, and the proxy that sees to it.

Knows nothing of Django. A sandbox has no network of its own; its one way out is a listening
socket on its loopback that the agent has passed to this proxy.
"""
