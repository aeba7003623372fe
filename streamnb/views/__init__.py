"""How a stream is shown: views (widget, updates, terminal), pacing, and the snapshot."""
