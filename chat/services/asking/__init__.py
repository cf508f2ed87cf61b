"""What a turn asks its person, and the answers."""
