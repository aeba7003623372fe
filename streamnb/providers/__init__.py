"""One file a dialect, one row a name (``registry``), one way to read (``http_capture``, ``sse``)."""
