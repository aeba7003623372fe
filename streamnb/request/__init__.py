"""What is asked: the line and its options, the prompt and its values, the request as it will look."""
