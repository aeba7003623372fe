"""How a stream is shown: views for a page, for display updates and for a terminal, and their pacing."""
