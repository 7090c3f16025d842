"""What every folder of the library stands on: errors, evidence, tokens, YAML, the data directory."""
