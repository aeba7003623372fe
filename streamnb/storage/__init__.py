"""Where streams are kept: in the journal, on a cassette, in memory; the format is ``recording``'s."""
