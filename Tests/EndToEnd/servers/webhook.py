"""The receiving end of Alertmanager's webhooks."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """Takes notifications on a loopback port; the path tells which receiver they were for."""

    def __init__(self):
        self.notifications = []
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                webhook.notifications.append((self.path.strip("/"), body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def url(self, receiver):
        """Where notifications for a receiver go."""
        return f"http://127.0.0.1:{self.port}/{receiver}"

    def alerts(self, name, status="firing", receiver=None, **labels):
        """The alerts of that name that were told, oldest first."""
        return [alert for told, body in list(self.notifications) if receiver in (None, told)
                for alert in body["alerts"]
                if alert["status"] == status and alert["labels"]["alertname"] == name
                and labels.items() <= alert["labels"].items()]
