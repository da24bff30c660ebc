"""The outermost layer of the server: refuses foreign requests, and adds headers to every answer."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avdf.cli.page.access import Access

# Nothing but the files of this server: no scripts, styles or images from elsewhere or in the page.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
# A report has its styles within it, and pictures as data. It runs no script at all, and in its
# sandbox it is a stranger to this server.
REPORT_POLICY = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets only this user's requests through to the application."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Web sockets are not used; whoever opens one gets no answer.
        if scope["type"] != "http":
            return
        query = scope["query_string"].decode("latin-1")
        headers = Headers(scope=scope)
        refusal = self._access.refusal(scope["method"], headers, query)
        sets_cookie = refusal is None and self._access.has_token_in_address(query)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    added.setdefault(name, value)
                if sets_cookie:
                    added["Set-Cookie"] = self._access.cookie
            await send(message)

        app: ASGIApp = self._app
        if refusal is not None:
            app = PlainTextResponse(f"{refusal.reason}\n", refusal.status)
        await app(scope, receive, send_with_headers)
