"""Alertmanager with a given configuration, alone."""

import json
import urllib.request

from . import packages
from .daemon import Daemon
from .waiting import free_port


class Alertmanager(Daemon):
    """An Alertmanager that tells whom its configuration says."""

    def __init__(self, directory, configuration):
        """`configuration` is what stands for the file's YAML."""
        home = directory / "alertmanager-home"
        super().__init__(home)
        home.mkdir()
        self.port = free_port()
        # JSON is YAML.
        (home / "alertmanager.yml").write_text(json.dumps(configuration))
        program = packages.program("prometheus-alertmanager", "prometheus-alertmanager", directory)
        # Its default template it reads from one place, wherever it lies itself.
        self.command = packages.in_place(program.parents[2], "usr/share", [
            program,
            f"--config.file={home / 'alertmanager.yml'}", f"--storage.path={home / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="])

    def is_ready(self):
        """Whether it says so."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=30) as answer:
            return answer.status == 200

    def alerts(self, name):
        """(target, state) of each alert of that name; `suppressed` is inhibited."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts", timeout=30) as answer:
            return {(alert["labels"].get("target"), alert["status"]["state"])
                    for alert in json.load(answer) if alert["labels"]["alertname"] == name}
