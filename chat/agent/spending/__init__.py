"""Around every request to a model: its row, what is reserved for it, what it took and cost."""
