"""Running of one stream: from the plan, through requests and their retries, to the reply."""
