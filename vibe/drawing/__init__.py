"""Pictures of the code, drawn from its imports: the rooms of an app on the floors they stand on."""
