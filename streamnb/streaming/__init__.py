"""One stream under way: from the plan over requests and their retries to the reply, always closed."""
