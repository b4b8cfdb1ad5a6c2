"""The manifests of deploy/kubernetes: rendered by kubectl, judged by Kubernetes' own schemas, and their pods' commands run
with volumes as kubelet mounts them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from servers import packages, pypi
from servers.waiting import wait_until
from smtpwatch import Monitor, smtpwatch

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy/kubernetes"
ROOTS = {name: KUBERNETES / name for name in ("single", "sharded", "monitoring")} | {"dashboards": ROOT / "dashboards"}

# The Prometheus Operator's own kinds, as its release 0.80.1 has them: classes made of its CustomResourceDefinitions. What
# they do not know they leave out, so that an object is good if it comes back whole.
OPERATOR = "cloudcoil-models-prometheus-operator==0.80.1.0"
COMES_BACK = """
import json, sys
from cloudcoil.models.prometheus_operator import v1
for thing in json.load(sys.stdin):
    read = getattr(v1, thing["kind"]).model_validate(thing)
    back = json.loads(read.model_dump_json(by_alias=True, exclude_unset=True))
    assert back == thing, f"{thing['kind']} has what the operator does not know, for this is all that it does: {back}"
"""


@pytest.fixture(scope="module")
def rendered(lab):
    """Every root's objects, as `kubectl kustomize` gives them."""
    kubectl = packages.program("kubectl", "kubernetes-client", lab)
    copy = lab / "kustomize"
    for path in (KUBERNETES, ROOT / "dashboards"):
        shutil.copytree(path, copy / path.relative_to(ROOT))
    for path in copy.rglob("kustomization.yaml"):
        # Debian's kubectl is of the days when other directories stood under a name of their own.
        content = yaml.safe_load(path.read_text())
        resources = content.get("resources", [])
        content["bases"] = [name for name in resources if (path.parent / name).is_dir()]
        content["resources"] = [name for name in resources if name not in content["bases"]]
        path.write_text(yaml.safe_dump(content))

    def render(path):
        done = subprocess.run([kubectl, "kustomize", copy / path.relative_to(ROOT)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return list(yaml.safe_load_all(done.stdout))
    return {name: render(path) for name, path in ROOTS.items()}


def plain(value):
    """A value as text, with each space and line end as one space."""
    return " ".join(json.dumps(value, sort_keys=True).replace("\\n", " ").split())


def find(objects, kind, name="smtpwatch"):
    """The one object of that kind and name."""
    [found] = [thing for thing in objects if (thing["kind"], thing["metadata"]["name"]) == (kind, name)]
    return found


def test_every_object_is_valid_to_the_letter(rendered, tmp_path):
    validate = pypi.program("kubernetes-validate", "kubernetes-validate==1.37.0")
    own = [thing for objects in rendered.values() for thing in objects if not thing["apiVersion"].startswith("monitoring.coreos.com/")]
    assert {"Deployment", "StatefulSet", "Service", "NetworkPolicy", "ConfigMap", "ServiceAccount",
            "PodDisruptionBudget"} <= {thing["kind"] for thing in own}
    file = tmp_path / "objects.yaml"

    def judged(objects):
        file.write_text(yaml.safe_dump_all(objects))
        return subprocess.run([validate, "--strict", "-k", version, file], capture_output=True, text=True)

    for version in ("1.28.0", "1.37.0"):
        done = judged(own)
        assert done.returncode == 0, done.stdout + done.stderr
    # And it would tell.
    broken = [{**thing, "spec": {**thing["spec"], "replica": 1}} for thing in own if thing["kind"] == "Deployment"]
    assert judged(broken).returncode != 0


def test_the_operators_objects_have_no_field_that_it_does_not_know(rendered):
    python = pypi.program("python", OPERATOR)
    objects = rendered["monitoring"]
    assert {thing["kind"] for thing in objects} == {"PodMonitor", "Probe", "PrometheusRule"}
    assert {thing["apiVersion"] for thing in objects} == {"monitoring.coreos.com/v1"}

    def judged(objects):
        return subprocess.run([python, "-c", COMES_BACK], input=json.dumps(objects), text=True, capture_output=True)

    done = judged(objects)
    assert done.returncode == 0, done.stderr[-1500:]
    # And it would tell.
    probe = find(objects, "Probe")
    for broken in ({**probe["spec"], "intervall": "30s"}, {**probe["spec"], "interval": "soon"}):
        assert judged([{**probe, "spec": broken}]).returncode != 0


def test_what_scrapes_finds_what_listens(rendered):
    for root, kind in (("single", "Deployment"), ("sharded", "StatefulSet")):
        pod = find(rendered[root], kind)["spec"]["template"]
        labels = pod["metadata"]["labels"].items()
        ports = [port["name"] for container in pod["spec"]["containers"] for port in container["ports"]]
        monitor = find(rendered["monitoring"], "PodMonitor")
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels
        assert [endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]] == ports
        assert pod["metadata"]["labels"][monitor["spec"]["jobLabel"]] == "smtpwatch"
        assert find(rendered[root], "NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels
        for service in (thing for thing in rendered[root] if thing["kind"] == "Service"):
            assert service["spec"]["selector"].items() <= labels
            assert [port["targetPort"] for port in service["spec"]["ports"]] == ports
        service = find(rendered[root], "Service")
        host, port = find(rendered["monitoring"], "Probe")["spec"]["prober"]["url"].split(":")
        assert host == f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc"
        assert int(port) == service["spec"]["ports"][0]["port"]


def test_the_alerts_and_dashboards_are_those_that_ship(rendered):
    done = subprocess.run([sys.executable, KUBERNETES / "update-rules", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
    assert yaml.safe_load((KUBERNETES / "monitoring/rules.yaml").read_text())["spec"] == rules
    # Debian's kubectl writes line ends in long texts anew.
    assert plain(find(rendered["monitoring"], "PrometheusRule")["spec"]) == plain(rules)
    [dashboards] = rendered["dashboards"]
    assert dashboards["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert dashboards["data"] == {path.name: path.read_text() for path in (ROOT / "dashboards").glob("*.json")}


def mount(directory, config_map, version=1):
    """A ConfigMap as kubelet mounts it: files behind a link that is replaced at once."""
    data = directory / f"..{version}"
    data.mkdir(parents=True)
    for name, text in config_map["data"].items():
        (data / name).write_text(text)
        if not (directory / name).is_symlink():
            (directory / name).symlink_to(f"..data/{name}")
    (directory / "..data_tmp").symlink_to(data.name)
    (directory / "..data_tmp").rename(directory / "..data")


def started(objects, kind, directory, **environment):
    """A pod's command with its volumes below `directory`, at another place and port."""
    pod = find(objects, kind)["spec"]["template"]["spec"]
    [container] = pod["containers"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for place in container["volumeMounts"]:
        if name := volumes[place["name"]].get("configMap", {}).get("name"):
            mount(directory / place["mountPath"].strip("/"), find(objects, "ConfigMap", name))
    # Paths in the configuration are those of the container.
    for path in (directory / "etc/smtpwatch/..data").iterdir():
        path.write_text(path.read_text().replace("/etc/", f"{directory}/etc/"))
    arguments = [argument.replace("/etc/", f"{directory}/etc/") for argument in container["args"][1:]]
    for name, value in environment.items():
        arguments = [argument.replace(f"$({name})", value) for argument in arguments]
    return Monitor(directory, *arguments, command=container["args"][0])


def names(monitor):
    """The targets that a monitor watches."""
    return [target["name"] for target in monitor.api("targets")["targets"]]


@pytest.fixture
def many(rendered):
    """The list of targets, with more than ship: nobody is asked, for the port is closed."""
    def of(root, count=40):
        config_map = find(rendered[root], "ConfigMap", "smtpwatch-targets")
        text = "".join(f"- {{ name: t{number}, host: 127.0.0.1, port: 1, module: submission }}\n"
                       for number in range(count))
        others = [thing for thing in rendered[root] if thing is not config_map]
        return [*others, {**config_map, "data": {"targets.yml": text}}]
    return of


def test_a_changed_config_map_reaches_the_pod_without_a_restart(rendered, many, tmp_path):
    check = find(rendered["single"], "ConfigMap")["data"]["smtpwatch.yml"]
    (tmp_path / "smtpwatch.yml").write_text(check.replace("/etc/smtpwatch-targets", str(KUBERNETES / "common"))
                                            .replace("*.yml", "targets.yml"))
    assert smtpwatch("check-config", tmp_path / "smtpwatch.yml").code == 0
    with started(many("single"), "Deployment", tmp_path) as monitor:
        assert len(names(monitor)) == 40
        mount(tmp_path / "etc/smtpwatch-targets", find(many("single", 41), "ConfigMap", "smtpwatch-targets"), 2)
        wait_until(lambda: len(names(monitor)) == 41, "the added target")
        text = (tmp_path / "etc/smtpwatch/smtpwatch.yml").read_text()
        mount(tmp_path / "etc/smtpwatch", {"data": {"smtpwatch.yml": text + "limits: { in_flight: 7 }\n"}}, 2)
        wait_until(lambda: monitor.metric("smtpwatch_probe_slots") == 7, "the changed limit")


def test_the_pods_of_the_stateful_set_share_the_targets(many, tmp_path):
    objects = many("sharded")
    stateful = find(objects, "StatefulSet")["spec"]
    replicas = stateful["replicas"]
    [container] = stateful["template"]["spec"]["containers"]
    assert f"--total-shards={replicas}" in container["args"]
    shares = []
    for ordinal in range(replicas):
        directory = tmp_path / str(ordinal)
        directory.mkdir()
        with started(objects, "StatefulSet", directory, SHARD=str(ordinal)) as monitor:
            shares.append(names(monitor))
            assert monitor.metric("smtpwatch_shard_ordinal") == ordinal
            assert monitor.metric("smtpwatch_total_shards") == replicas
    assert sorted(sum(shares, [])) == sorted(f"t{number}" for number in range(40))
    assert all(shares), "a share is empty"
