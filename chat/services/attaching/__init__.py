"""Files that are attached to messages: received, kept, placed in the workspace, read for models."""
