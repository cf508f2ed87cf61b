"""What counts as an error, told apart and judged by rule: pure functions of text, without rows."""
