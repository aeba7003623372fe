"""Storage of streams: journal, cassette, log and memory; their file format is in ``core.recording``."""
