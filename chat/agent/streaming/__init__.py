"""Files of a tool call while the model still writes its arguments: read, shown, written early."""
