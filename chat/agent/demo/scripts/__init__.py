"""What the demo model can do, one subject a file. A script is replayed from its start for each
step with the outcomes so far, so it may depend on nothing but them and the scene."""
