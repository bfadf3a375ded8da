"""The weather: fetched ahead, said in a sentence, never older than its limit and never another day's."""
