"""Who may ask: requests from this page in this user's browser, and from nobody else.

Another page in the same browser can send requests to the loopback address, too. So can a name that
an attacker resolves to it (DNS rebinding). And on a shared machine other users can reach the port.
Against them stand a secret, and checks of the headers `Host`, `Origin` and `Sec-Fetch-Site`.

One limit remains: browsers send a cookie to every port of a host. A page that another user serves
on another port of 127.0.0.1 is sent the cookie with the secret if this user opens it in the same
browser.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers

LOOPBACK = "127.0.0.1"
_NAMES = (LOOPBACK, "localhost")
_CHANGES_NOTHING = ("GET", "HEAD")
TOKEN_HEADER = "X-Avdf-Token"


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused: a status of HTTP, and a sentence."""

    status: int
    reason: str


_WRONG_HOST = Refusal(421, "this server answers only as 127.0.0.1 or localhost")
_FOREIGN_PAGE = Refusal(403, "another page sent this request")
_NO_TOKEN = Refusal(
    403,
    "open the whole address that `avdf serve` has printed, with its token",
)


@dataclass(frozen=True)
class Access:
    """The secret of one server, and the rules by which requests are let in.

    port   on which the server listens
    token  the secret: in the address at first, then in a cookie or a header
    """

    port: int
    token: str = field(
        default_factory=lambda: secrets.token_urlsafe(32),
        repr=False,
    )

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://{LOOPBACK}:{self.port}/?token={self.token}"

    @property
    def cookie_name(self) -> str:
        """Cookies do not know ports: two servers on one machine need two names."""
        return f"avdf_{self.port}"

    @property
    def cookie(self) -> str:
        """The header that sets the cookie: not for scripts, not for requests of other sites."""
        return f"{self.cookie_name}={self.token}; Path=/; HttpOnly; SameSite=Strict"

    def refusal(self, method: str, headers: Headers, query: str) -> Refusal | None:
        """Why a request is refused; None if it may pass."""
        hosts = [f"{name}:{self.port}" for name in _NAMES]
        if headers.getlist("host") not in [[host] for host in hosts]:
            return _WRONG_HOST
        # A browser gives the origin of every request that changes something; a program that
        # leaves it out must show the token in a header, which no page can add to a form.
        changes = method not in _CHANGES_NOTHING
        if changes and "origin" not in headers and not self._has_header(headers):
            return _NO_TOKEN
        if self._is_foreign(method, headers):
            return _FOREIGN_PAGE
        return None if self._has_token(headers, query) else _NO_TOKEN

    def has_token_in_address(self, query: str) -> bool:
        """Whether the address itself carries the secret, as at the first visit."""
        return any(self._is_token(given) for given in parse_qs(query).get("token", []))

    def _is_foreign(self, method: str, headers: Headers) -> bool:
        """Whether another page in the browser sent a request."""
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{headers['host']}":
            return True
        site = headers.get("sec-fetch-site", "none")
        if site in ("same-origin", "none"):
            return False
        # A link to the printed address, for instance in a terminal within a browser, comes from
        # another site. It is followed only as a page of its own.
        navigates = headers.get("sec-fetch-mode") == "navigate"
        return method not in _CHANGES_NOTHING or not navigates

    def _has_token(self, headers: Headers, query: str) -> bool:
        return (
            self._has_header(headers)
            or self._has_cookie(headers)
            or self.has_token_in_address(query)
        )

    def _has_header(self, headers: Headers) -> bool:
        return self._is_token(headers.get(TOKEN_HEADER, ""))

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        found = cookies.get(self.cookie_name)
        return found is not None and self._is_token(found.value)

    def _is_token(self, given: str) -> bool:
        # Bytes, since the comparison refuses text that is not ASCII.
        return hmac.compare_digest(given.encode(errors="replace"), self.token.encode())
