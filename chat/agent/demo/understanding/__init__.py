"""What a request means: words to concepts, concepts to an intent. Knows no tool and no recipe."""
