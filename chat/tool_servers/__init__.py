"""Speaks with servers of tools (Model Context Protocol, streamable HTTP), and trusts none of what
they say: sizes, times and forms are held to what the platform can bear.
"""
