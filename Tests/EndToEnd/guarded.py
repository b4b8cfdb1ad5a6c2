"""The monitor behind a web configuration: encrypted, with users."""

import base64
import http.client
import json
import ssl

from smtpwatch import Monitor

# bcrypt of "secret" and of "other", with the least cost.
SECRET = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
OTHER = "$2b$04$abcdefghijklmnopqrstuu0HtfOlPbTiymk5tcV.3TsFPDd3SYZqu"


class Guarded(Monitor):
    """A monitor behind a web configuration, asked as a client of `user` who trusts `authority`."""

    def __init__(
            self, directory, web, *arguments, authority=None, user=None, password="secret", command="demo", **keywords):
        self.web = directory / "web.yml"
        self.web.write_text(json.dumps(web))
        self.context = ssl.create_default_context(cafile=authority) if authority else None
        self.login = user and "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        super().__init__(directory, "--web.config.file", self.web, *arguments, command=command, **keywords)

    def connect(self):
        """A connection of its own to the pages."""
        if self.context:
            return http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path, method="GET", **headers):
        connection = self.connect()
        try:
            login = {"Authorization": self.login} if self.login else {}
            connection.request(method, path, headers={**login, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def certificate(self):
        """The server's certificate, as a new connection sees it."""
        connection = self.connect()
        connection.connect()
        try:
            return connection.sock.getpeercert(binary_form=True)
        finally:
            connection.close()
