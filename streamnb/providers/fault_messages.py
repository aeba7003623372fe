"""The sentences for what goes wrong on the way to a model: each once, for whatever finds the fault.

Which of them is true is decided where the fault is met: ``error_messages`` (HTTP refusals and exceptions),
``connection_errors``, ``error_objects`` (in a provider's JSON) and the adapters of the dialects.
A name in braces is filled in there, and the line is sanitized there.
"""

from __future__ import annotations

# -- HTTP refusals ------------------------------------------------------------------------

REFUSED = "the request was refused"
CHECK_REQUEST_ADVICE = ": check the model's name, the options and the base URL"
SERVER_FAILED = "the server failed"
BAD_REDIRECT = "the server redirects to nowhere: check the base URL"
NO_STREAM = "the server sent a page and no stream: check the base URL, and whether the network wants a login"
ERROR_WITH_SUCCESS = "the server answered with an error: {message}"
REJECTED_OPTION = "the server does not take {option}: change it or leave it out"
OUT_OF_CREDIT = "the account has no credit left: add some there, or use another key"
BY_STATUS = {
    400: REFUSED,
    401: "the key was not accepted: check the key variable of this provider",
    402: "payment is required: check the account's balance",
    403: "this key may not use the model or the address: check both",
    404: "no such model or address: check the name {model!r} and the base URL (most end in /v1)",
    405: "the address takes no such request: check the base URL (most end in /v1)",
    407: "the proxy wants a login: put name and password into its variable, before the host",
    408: "the server timed out",
    409: "the server reports a conflict",
    413: "the prompt or its attachments are too large: shorten them",
    422: REFUSED,
    429: "rate limit or quota reached",
    511: "the network wants a login: open a page in the browser first",
    529: "the provider is overloaded",
}

# -- what the request holds ---------------------------------------------------------------

LONE_SURROGATE = (
    "the request holds half a character, which cannot be sent: look at the tools, the schema and the options"
)
BAD_HEADER = (
    "a header of the request holds what no header can: look at the key and at extra_headers, "
    "for a line break or a letter that is no ASCII"
)

# -- connections --------------------------------------------------------------------------

REDIRECTING_HOST = "{target_host}, to which {host} redirects,"
REDIRECT_TO_NO_ADDRESS = "{host} redirects to what is no address: check the base URL"
REDIRECT_TO_OTHER_SCHEME = "{host} redirects to {target}, which cannot be called: check the base URL"
ENDLESS_REDIRECTS = "{host} redirects without end; check the base URL"
NO_URL = "{host} is no address that can be called: http://… or https://…"
CONNECT_TIMEOUT = "{host} does not take the connection (is the address right?)"
NOT_HTTP = "{host} does not answer in HTTP: check the base URL (http:// or https://, and the port)"
BROKEN = "the connection to {host} broke ({cause})"
NOT_TRUSTED = "the certificate of {host} is not trusted: {reason}"
NOT_TRUSTED_FOR_UNKNOWN_REASON = "certificate not trusted"
ISSUER_MISSING_ADVICE = "; SSL_CERT_FILE={file} does not hold its issuer"
TRUST_FILE_ADVICE = '; trust a file: import os; os.environ["SSL_CERT_FILE"] = "company.pem"'
NO_TLS = "{host} does not speak TLS; try http:// instead of https://"
HOST_NOT_FOUND = "no host of the name {host} was found: check the address and the network"
REFUSED_CONNECTION = "{host} refused the connection (is the server running?)"
NO_CONNECTION = "no connection to {host} ({cause})"

# -- proxies ------------------------------------------------------------------------------

PROXY_ADVICE = ": start it, correct the variable, or name the host in NO_PROXY"
PROXY_REFUSED = "{proxy} on the way to {host} refused: {cause}"
PROXY_CONNECT_TIMEOUT = "the proxy {proxy} does not take the connection" + PROXY_ADVICE
PROXY_NOT_FOUND = "no proxy {proxy} was found" + PROXY_ADVICE
PROXY_REFUSED_CONNECTION = "the proxy {proxy} refused the connection" + PROXY_ADVICE
NO_CONNECTION_TO_PROXY = "no connection to the proxy {proxy}" + PROXY_ADVICE

# -- clients that cannot be built ---------------------------------------------------------

KEY_LOG_NOT_WRITABLE = "SSLKEYLOGFILE={log} cannot be written: name another file"
CERTIFICATES_MISSING = "is not there"
CERTIFICATES_UNREADABLE = "holds no certificates"
BAD_CERTIFICATES = '{name}={file}: this file {why}; correct it: import os; os.environ["{name}"] = PATH'
SOCKS_PACKAGE_MISSING = (
    "{variable}={proxy}: SOCKS proxies need a package more: "
    'pip install "httpx2[socks]", or take an http:// proxy'
)
BAD_PROXY = "{variable}={proxy} is no proxy that can be used; a proxy is written http://HOST:PORT"

# -- what the provider reports ------------------------------------------------------------

UNKNOWN_ERROR = "The provider reported an error and did not say which."
ERROR_CODE_ALONE = "The provider reported an error: {code}"
UNKNOWN_REASON = "The provider ended the answer with {reason!r}: it may not be whole."
