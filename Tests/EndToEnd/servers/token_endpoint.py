"""An OAuth authorization server on loopback: the token endpoint of RFC 6749, and introspection (RFC 7662) for
mail servers that check its tokens."""

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_plus

CLIENT, SECRET = "smtpwatch-lab", "client+secret/9 of&the=lab"


class TokenEndpoint:
    """Gives tokens of `lifetime` seconds for `user`. `requests` are those for tokens, as fields by name;
    `refusal` is what it answers instead of a token: a status and the fields of the answer, or its bytes, or what
    makes them of a request."""

    def __init__(self, user):
        self.user, self.lifetime, self.refusal, self.secret = user, 3600, None, SECRET
        # For so many seconds more than it says mail servers are told that a token is good.
        self.leniency = 0
        self.requests, self.tokens = [], {}
        self.refresh_token, self.rotates = None, False
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
                if self.path == "/token":
                    status, answer = owner.token(fields, self.headers.get("Authorization"))
                else:
                    status, answer = 200, owner.introspect(fields.get("token"))
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    pass  # Whoever asked has had enough.

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"
        self.introspection_url = f"http://127.0.0.1:{self.server.server_port}/introspect"

    def token(self, fields, authorization):
        if authorization:
            name, secret = base64.b64decode(authorization.split()[1]).decode().split(":")
            fields |= {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret), "basic": "yes"}
        self.requests.append(fields)
        if self.refusal:
            return self.refusal(fields) if callable(self.refusal) else self.refusal
        if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT, self.secret):
            return 401, {"error": "invalid_client", "error_description": "who are you?"}
        answer = {"token_type": "bearer", "expires_in": self.lifetime}
        if fields["grant_type"] == "refresh_token":
            if fields["refresh_token"] != self.refresh_token:
                return 400, {"error": "invalid_grant", "error_description": "this refresh token is spent"}
            if self.rotates:
                self.refresh_token = answer["refresh_token"] = secrets.token_urlsafe(40)
        answer["access_token"] = secrets.token_urlsafe(40)
        self.tokens[answer["access_token"]] = time.monotonic() + self.lifetime + self.leniency
        return 200, answer

    def introspect(self, token):
        is_active = self.tokens.get(token, 0) > time.monotonic()
        return {"active": is_active} | ({"username": self.user} if is_active else {})

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
