"""Data types and rules that all layers use; no I/O."""
