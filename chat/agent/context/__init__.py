"""What shapes a request to the model: its instructions, how much of the past fits, caches."""
