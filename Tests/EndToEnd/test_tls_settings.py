"""Settings of TLS beyond the defaults, against Postfix."""

import subprocess

import pytest

from servers.postfix import HOSTNAME

CONFIGURATION = """\
[ca]
default_ca = lab
[lab]
database = {home}/index.txt
crlnumber = {home}/crlnumber
default_md = sha256
default_crl_days = {days}
"""


@pytest.fixture
def revocations(authority, tmp_path):
    """Makes a list of the lab's authority that has these certificates on it."""
    def make(*certificates, days=7):
        home = tmp_path / f"crl-{len(list(tmp_path.iterdir()))}"
        home.mkdir()
        (home / "index.txt").touch()
        (home / "crlnumber").write_text("01\n")
        (home / "openssl.cnf").write_text(CONFIGURATION.format(home=home, days=days))
        ca = ["openssl", "ca", "-config", home / "openssl.cnf", "-cert", authority.certificate,
              "-keyfile", authority.directory / "ca.key"]
        for certificate in certificates:
            subprocess.run([*ca, "-revoke", certificate], check=True, capture_output=True)
        subprocess.run([*ca, "-gencrl", "-out", home / "crl.pem"], check=True, capture_output=True)
        return home / "crl.pem"
    return make


@pytest.fixture
def monitor(start, postfix):
    """A monitor of Postfix with these settings of TLS."""
    def run(**tls):
        target = {"name": "mx", "host": "127.0.0.1", "port": postfix.relay, "interval": "1s", "retries": 0,
                  "diagnosis": "off", "tls": {"mode": "starttls", "server_name": HOSTNAME, **tls}}
        return start(configuration={"targets": [target]})
    return run


def test_directory_of_authorities_is_trusted_without_hashes(monitor, authority, tmp_path):
    directory = tmp_path / "authorities"
    directory.mkdir()
    (directory / "lab.pem").write_text(authority.certificate.read_text())
    (directory / "README").write_text("These are trusted.")
    monitor(ca_dir=str(directory)).wait_for("mx", "up", "ok")


def test_certificate_on_a_revocation_list_is_down(monitor, authority, certificate, revocations):
    trust = {"ca_file": str(authority.certificate)}
    monitor(**trust, crl_file=str(revocations())).wait_for("mx", "up", "ok")
    monitor(**trust, crl_file=str(revocations(certificate[0]))).wait_for("mx", "down", "cert_revoked")


def test_only_the_ciphers_named_are_spoken(monitor, authority):
    page = monitor(
        ca_file=str(authority.certificate), max_version="TLS12", ciphers="ECDHE-ECDSA-CHACHA20-POLY1305",
    ).wait_for("mx", "up", "ok")
    tls = page["last"]["tls"]
    assert tls["cipher"] == "ECDHE-ECDSA-CHACHA20-POLY1305"
    assert tls["group"] and (tls["key_algorithm"], tls["key_bits"]) == ("EC", 256)
    assert [link["subject"] for link in tls["chain"]] == [f"CN={HOSTNAME}"]


def test_facts_of_session_and_certificate_are_exported(monitor, authority):
    server = monitor(ca_file=str(authority.certificate))
    server.wait_for("mx", "up", "ok")
    assert 0.9 < server.metric("smtp_probe_tls_cert_lifetime_remaining_ratio", target="mx") <= 1
    assert server.metric("smtp_probe_tls_key_info", target="mx", algorithm="EC", bits="256",
                         signature="ecdsa-with-SHA256") == 1
    assert any(name == "smtp_probe_tls_group_info" for name, _ in server.metrics())
