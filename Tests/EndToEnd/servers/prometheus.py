"""Prometheus scraping one exporter, with storage of its own."""

import json
import urllib.parse
import urllib.request

from . import packages
from .daemon import Daemon
from .waiting import free_port, wait_until


class Prometheus(Daemon):
    """A Prometheus that scrapes `127.0.0.1:exporter_port` each second, as job `smtpwatch`, or does other jobs."""

    def __init__(self, directory, exporter_port, name="prometheus", jobs=None, rules=None, alertmanager_port=None):
        """`rules`, what stands for a rule file's YAML, are evaluated each second."""
        home = directory / f"{name}-home"
        super().__init__(home)
        home.mkdir()
        self.port = free_port()
        configuration = home / "prometheus.yml"
        # JSON is YAML.
        (home / "rules.yml").write_text(json.dumps(rules or {}))
        alertmanagers = [{"targets": [f"127.0.0.1:{alertmanager_port}"]}] if alertmanager_port else []
        configuration.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "alerting": {"alertmanagers": [{"static_configs": alertmanagers}]},
            "scrape_configs": jobs or [{
                "job_name": "smtpwatch",
                "static_configs": [{"targets": [f"127.0.0.1:{exporter_port}"]}],
            }],
        }))
        self.command = [
            packages.program("prometheus", "prometheus", directory),
            f"--config.file={configuration}", f"--storage.tsdb.path={home / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            # What fires before it has found Alertmanager is told again soon, not in a minute.
            "--rules.alert.resend-delay=1s"]

    def is_ready(self):
        """Whether it says so."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=30) as answer:
            return answer.status == 200

    def query(self, expression):
        """The instant vector of an expression: (labels, value) pairs."""
        found = self._api("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def wait_for_good_scrapes(self, *jobs):
        """Waits until nothing is wrong with the latest scrape of any target; where all is busy one may take too long."""
        def errors():
            return [target["lastError"] for target in self._api("targets")["activeTargets"] if target["lastError"]]
        wait_until(lambda: {labels["job"]: value for labels, value in self.query("min by (job) (up)")} == dict.fromkeys(jobs, 1)
                   and not errors(), lambda: f"the scrapes to be good: {errors()}")

    def _api(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]
