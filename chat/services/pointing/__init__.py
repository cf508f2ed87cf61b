"""Elements of an app that a person has picked, and what is changed there directly."""
