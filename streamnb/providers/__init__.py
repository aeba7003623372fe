"""Providers: a module for each API, a row for each name (``registry``), one transport (``http_capture``)."""
