"""Conversations that others read by a link, and what they may take of them."""
