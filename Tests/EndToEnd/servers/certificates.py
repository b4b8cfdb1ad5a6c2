"""A throw-away certificate authority made with the openssl command."""

import subprocess


class Authority:
    """A CA of EC P-256 whose certificates live for days, in one directory."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        directory.chmod(0o755)
        self.certificate = directory / "ca.pem"
        self._openssl(
            "req", "-x509", *self._new_key("ca"), "-days", "30", "-subj", "/CN=smtpwatch test authority",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.certificate)

    def issue(self, name, *subject_alternative_names, days=30, usage="serverAuth", must_staple=False):
        """Certificate and key files for a server called `name`, with further names such as `IP:127.0.0.1`."""
        request, certificate = self.directory / f"{name}.csr", self.directory / f"{name}.pem"
        extensions = self.directory / f"{name}.ext"
        names = ",".join([f"DNS:{name}", *subject_alternative_names])
        extensions.write_text(
            f"subjectAltName={names}\nextendedKeyUsage={usage}\nbasicConstraints=critical,CA:FALSE\n"
            + ("tlsfeature=status_request\n" if must_staple else ""))
        self._openssl("req", *self._new_key(name), "-subj", f"/CN={name}", "-out", request)
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.directory / "ca.key",
            "-CAcreateserial", "-days", str(days), "-extfile", extensions, "-out", certificate)
        return certificate, self.directory / f"{name}.key"

    def issue_client(self, name):
        """Certificate and key files for a client called `name`."""
        return self.issue(name, usage="clientAuth")

    def _new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.directory / f"{name}.key"]

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
