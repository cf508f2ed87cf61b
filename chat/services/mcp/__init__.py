"""Servers of tools (MCP), those of operators and those that people bring along."""
