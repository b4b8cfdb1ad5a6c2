#!/usr/bin/env python3
"""Checks the dashboards and the rules against each other's conventions and against a real scrape.

    smtpwatch demo & curl -s localhost:10525/metrics | Tests/check-dashboards.py

The rules are those of Grafana's dashboard-linter. Prints `file: panel: finding`; exit status 1 if there is any.
Queries are parsed by promtool; metrics and labels are looked up in the scrape on standard input.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
UNITS = {"s", "none", "percentunit", "bytes", "cps", "reqps", "dtdurations", "dateTimeFromNow"}
# What Grafana puts in before Prometheus sees a query.
MACROS = {"$__rate_interval": "1m", "$__range": "1h", "$job": "x", "$instance": "x", "$target": "x"}
# Series that others than smtpwatch make: by Prometheus, or Alertmanager. Labels: those of the scrape job.
FOREIGN = {"up": set(), "ALERTS": {"alertname", "alertstate"},
           "alertmanager_notifications_failed_total": {"integration"}}
# Families that have samples only in special cases.
RARE = {"smtp_probe_warning": {"target", "warning"}, "smtp_probe_dane_valid": {"target"},
        "smtp_probe_mta_sts_valid": {"target"}, "smtp_probe_delivery_last_lost": {"target"},
        "smtp_probe_delivery_in_flight": {"target"}, "smtp_probe_delivery_lost_total": {"target"},
        "smtp_probe_delivery_late_total": {"target"}, "smtp_probe_delivery_delivered_total": {"target", "folder"},
        "smtp_probe_delivery_last_latency_seconds": {"target"}, "smtp_probe_delivery_mailbox_up": {"target"},
        "smtpwatch_target_list_last_read_successful": {"list"}}
JOB_LABELS = {"job", "instance", "vantage"}
SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
MATCHER = re.compile(r"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*\"")
RANGED = re.compile(r"\[([^\]]+)\]")


def expand(query):
    """A query as Prometheus would see it."""
    for macro, value in MACROS.items():
        query = query.replace(macro, value)
    return query


def panels(dashboard):
    """The panels that show something, also those in rows."""
    for panel in dashboard["panels"]:
        yield from panel.get("panels", [])
        if panel["type"] != "row":
            yield panel


def dashboard_findings(dashboard):
    """(place, finding) for each break of the linter's rules."""
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    source = variables.get("datasource", {})
    if (source.get("type"), source.get("label"), source.get("query")) != ("datasource", "Data source", "prometheus"):
        yield "variables", "there must be a variable 'datasource' with label 'Data source'"
    for name in {"job", "instance"} | ({"target"} if "target=~" in json.dumps(dashboard) else set()):
        variable = variables.get(name, {})
        if (variable.get("type"), variable.get("multi"), variable.get("allValue")) != ("query", True, ".+"):
            yield "variables", f"'{name}' must be a multi-value query variable with allValue '.+'"
    for name, variable in variables.items():
        if variable["type"] == "query":
            if variable.get("refresh") != 2:
                yield "variables", f"'{name}' must refresh on time range change"
            if not variable["query"]["query"].startswith("label_values("):
                yield "variables", f"'{name}' must use label_values"
            if variable["datasource"]["uid"] != "${datasource}":
                yield "variables", f"'{name}' must use $datasource"
    if dashboard.get("editable"):
        yield "dashboard", "must not be editable"
    if dashboard["id"] is not None or not dashboard["uid"].startswith("smtpwatch-"):
        yield "dashboard", "must have no id and an uid of ours"
    if dashboard.get("__inputs") or "${DS_" in json.dumps(dashboard):
        yield "dashboard", "__inputs are not substituted where a dashboard is provisioned"
    numbers = [panel["id"] for panel in dashboard["panels"]]
    if len(set(numbers)) != len(numbers):
        yield "dashboard", "two panels with one id"


def panel_findings(panel):
    """Findings in one panel."""
    if not panel.get("title") or not panel.get("description"):
        yield "title and description are needed"
    if panel.get("datasource", {}).get("uid") != "${datasource}":
        yield "must use $datasource"
    defaults = panel["fieldConfig"]["defaults"]
    if defaults.get("unit") not in UNITS and not defaults.get("mappings"):
        yield f"unit {defaults.get('unit')!r} is none of {sorted(UNITS)}"
    if not panel.get("targets"):
        yield "has no query"
    for target in panel.get("targets", []):
        query = target["expr"]
        if target["datasource"]["uid"] != "${datasource}":
            yield "a query must use $datasource"
        for name, matchers in SELECTOR.findall(query):
            if 'job=~"$job"' not in matchers or 'instance=~"$instance"' not in matchers:
                yield f"{name} must be selected by $job and $instance"
            if name.endswith("_total") and not re.search(rf"(?:rate|increase)\({name}\{{", query):
                yield f"{name} is a counter: wants rate or increase"
        for text in RANGED.findall(query):
            if text not in {"$__rate_interval", "$__range", "30d"}:
                yield f"range [{text}] should be $__rate_interval"


def series_of(scrape):
    """Labels by metric name; families without samples have none that are known."""
    labels = {}
    for line in scrape.splitlines():
        if found := re.match(r"# TYPE (\S+)", line):
            labels.setdefault(found.group(1), set())
        elif found := re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$", line):
            labels.setdefault(found.group(1), set()).update(re.findall(r'(\w+)="', found.group(2) or ""))
    return labels


def unknown_names(query, known):
    """Findings about metrics and labels that the scrape does not have."""
    for name, matchers in SELECTOR.findall(query):
        if name not in known:
            yield f"there is no metric {name}"
            continue
        for label in MATCHER.findall(matchers):
            # A family without samples shows no labels.
            if label not in known[name] | JOB_LABELS and known[name] and label != "le":
                yield f"{name} has no label {label}"
    for label in (label.strip() for labels in GROUPING.findall(query) for label in labels.split(",")):
        if label and not any(label in labels for labels in (JOB_LABELS, *known.values())):
            yield f"nothing has a label {label}"


def parse_findings(queries):
    """What promtool says of the queries that do not parse."""
    rules = {"groups": [{"name": "queries", "rules": [
        {"record": f"query:{number}", "expr": expand(query)} for number, query in enumerate(queries)]}]}
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump(rules, file)
        file.flush()
        checked = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
    if checked.returncode:
        yield (checked.stdout + checked.stderr).strip()


def main():
    """Checks everything; the exit status."""
    known = {**RARE, **series_of(sys.stdin.read()), **FOREIGN}
    findings, queries = [], []
    for path in sorted((ROOT / "dashboards").glob("*.json")):
        dashboard = json.loads(path.read_text())
        findings += [(path.name, *finding) for finding in dashboard_findings(dashboard)]
        for panel in panels(dashboard):
            findings += [(path.name, panel.get("title"), finding) for finding in panel_findings(panel)]
            for target in panel.get("targets", []):
                queries.append(target["expr"])
                findings += [(path.name, panel["title"], text) for text in unknown_names(target["expr"], known)]
    rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
    rules = [rule for group in rules["groups"] for rule in group["rules"]]
    known.update({rule["record"]: {"target"} for rule in rules if "record" in rule})
    for rule in rules:
        name = rule.get("alert") or rule["record"]
        findings += [("rules.yml", name, text) for text in unknown_names(rule["expr"], known)]
        if "alert" in rule:
            if not {"summary", "description", "runbook_url"} <= rule["annotations"].keys():
                findings.append(("rules.yml", name, "summary, description and runbook_url are needed"))
            if rule["labels"].get("severity") not in {"critical", "warning", "info", "none"}:
                findings.append(("rules.yml", name, "no severity"))
            if "{{" in rule["annotations"]["summary"]:
                findings.append(("rules.yml", name, "a summary heads a group: it must not vary"))
    findings += [("dashboards", "query", text) for text in parse_findings(queries)]
    for finding in findings:
        print(": ".join(map(str, finding)))
    print(f"{len(queries)} queries and {len(rules)} rules checked, {len(findings)} findings.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
