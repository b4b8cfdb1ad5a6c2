"""The host that serves a domain's MTA-STS policy over HTTPS, where RFC 8461 wants it: on port 443."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .waiting import reserve

# An address of this machine's own that no other test run uses.
ADDRESS = next(address for address in (f"127.88.0.{number}" for number in range(1, 255)) if reserve(address))


class PolicyHost:
    """An HTTPS server; `policy`, `status` and `headers` say what it answers, `hits` counts."""

    def __init__(self, certificate):
        self.policy, self.status, self.headers, self.hits = "", 200, {}, 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                owner.hits += 1
                body = owner.policy.encode() if self.path == "/.well-known/mta-sts.txt" else b""
                self.send_response(owner.status if body else 404)
                for name, value in {"Content-Type": "text/plain", **owner.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((ADDRESS, 443), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
