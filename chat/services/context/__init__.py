"""What a model is told: history, summaries, memory, skills, prompts."""
