"""The browsers of this node, and the visits that they pay to apps."""
