"""Several streams at once: side by side, over many prompts, or asynchronous against synchronous."""
