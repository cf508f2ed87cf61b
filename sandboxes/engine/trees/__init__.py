"""Directory trees that a sandbox has made: copied and removed without trusting them.

Imports nothing from outside of the package, so that its program starts quickly on its own.
"""
