"""Making of a request: the line and its options, the prompt and the values in it."""
