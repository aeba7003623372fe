"""Views: how a stream is shown in a notebook page, by display updates, or in a terminal."""
