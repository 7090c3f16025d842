"""Language models: which one answers, how it is asked, and the repair of what it gives."""
