"""One file a provider, one row a name (``models``), one way to read (``sse``, ``wire``)."""
