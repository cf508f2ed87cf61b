"""The model "Recorded: …": it says again what a recording holds and really makes its calls."""
