"""Money: caps, what is reserved and spent against them, and sums of what was spent."""
