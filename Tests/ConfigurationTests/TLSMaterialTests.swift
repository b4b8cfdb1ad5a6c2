import Testing

@testable import Configuration

@Test func `TLS files are looked into`() throws {
  let folder = try Folder([
    "text.pem": "hello", "good.pem": "-----BEGIN CERTIFICATE-----\n",
    "good.key": "-----BEGIN RSA PRIVATE KEY-----\n",
    "locked.key": "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
  ])
  try folder.write("open.key", "-----BEGIN PRIVATE KEY-----\n", mode: 0o644)
  let faults: [(String, String?)] = [
    ("ca_file: good.pem", nil), ("cert_file: good.pem, key_file: good.key", nil),
    (
      "ca_file: text.pem",
      "5:21: tls.ca_file: P/text.pem has no certificate in it (a PEM file has -----BEGIN CERTIFICATE-----)"
    ),
    ("cert_file: good.pem", "5:23: tls.cert_file needs tls.key_file (a client certificate has both)"),
    ("key_file: good.key", "5:22: tls.key_file needs tls.cert_file (a client certificate has both)"),
    (
      "cert_file: good.key, key_file: good.key",
      "5:23: tls.cert_file: P/good.key has no certificate in it (a PEM file has -----BEGIN CERTIFICATE-----)"
    ),
    (
      "cert_file: good.pem, key_file: good.pem",
      "5:43: tls.key_file: P/good.pem has no private key in it (a PEM file has -----BEGIN PRIVATE KEY-----)"
    ),
    (
      "cert_file: good.pem, key_file: locked.key",
      "5:43: tls.key_file: the key in P/locked.key has a passphrase (store it without one, readable by"
        + " this program alone)"
    ),
    (
      "cert_file: good.pem, key_file: open.key",
      "5:43: warning: tls.key_file: everybody on this machine can read P/open.key (chmod o-rwx P/open.key)"
    ),
  ]
  for (setting, line) in faults {
    let expected =
      line.map { ["config.yml:" + $0.replacing("P/", with: "\(folder.path)/")] } ?? []
    #expect(findings(target: "tls: { \(setting) }", directory: folder.path) == expected)
  }
}
