"""Conversations as files: written, read, recorded for replay."""
