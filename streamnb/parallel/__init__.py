"""Several streams at once: side by side, over many prompts, on both surfaces; and their comparison."""
