"""Versions of a sandbox's workspace, kept by git in a repository that nothing inside can reach.

Nothing in the workspace is trusted: git never sees it. It is read and written here, by descriptors
and never through a link. Imports nothing from outside of the package but pathspec, and that late,
so that its program starts quickly on its own.
"""
