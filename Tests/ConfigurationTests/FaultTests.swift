import Model
import Testing

@testable import Configuration

@Test(arguments: [
  ("intervall: 30s", "config.yml:5:5: unknown key 'intervall' (did you mean 'interval'?)"),
  ("prot: 25", "config.yml:5:5: unknown key 'prot' (did you mean 'port'?)"),
  ("username: u", "config.yml:5:5: unknown key 'username' (it belongs under 'auth')"),
  ("Host: x", "config.yml:5:5: unknown key 'Host' (did you mean 'host'?)"),
  ("port: abc", "config.yml:5:11: port must be a whole number 1-65535, found 'abc'"),
  ("port: 0", "config.yml:5:11: port must be a whole number 1-65535, found '0'"),
  ("port: 65536", "config.yml:5:11: port must be a whole number 1-65535, found '65536'"),
  ("port: 58.7", "config.yml:5:11: port must be a whole number 1-65535, found '58.7'"),
  ("port: [587]", "config.yml:5:11: port must be text, found a list"),
  ("port:", "config.yml:5:10: port has no value (give it one, or leave the line out)"),
  ("port: ${PLANT}", "config.yml:5:11: port must be a whole number 1-65535, found '${PLANT}'"),
  (
    "interval: 30",
    "config.yml:5:15: interval must be a number with a unit, found '30' (did you mean 30s?)"
  ),
  (
    "timeout: soon",
    "config.yml:5:14: timeout must be a number with a unit, found 'soon' (such as 500ms, 30s, 5m, 1h or 14d)"
  ),
  ("timeout: 0s", "config.yml:5:14: timeout must be at least 1ms, found '0s'"),
  ("timeouts: { dnss: 1s }", "config.yml:5:17: unknown key 'dnss' (did you mean 'dns'?)"),
  (
    "timeouts: { dns: x }",
    "config.yml:5:22: timeouts.dns must be a number with a unit, found 'x' (such as 500ms, 30s, 5m, 1h or"
      + " 14d)"
  ),
  (
    "timeouts: 5s",
    "config.yml:5:15: timeouts must be a mapping, found text (of dns, connect, tls, banner, reply or message)"
  ),
  (
    "diagnosis: activ",
    "config.yml:5:16: diagnosis must be off, passive or active, found 'activ' (did you mean 'active'?)"
  ),
  (
    "checks: [proxy_headers]",
    "config.yml:5:14: checks must hold starttls_injection or proxy_header (did you mean 'proxy_header'?)"
  ),
  ("checks: proxy_header", "config.yml:5:13: checks must be a list, found text (write [A, B])"),
  (
    "tls: { mode: startls }",
    "config.yml:5:18: tls.mode must be starttls, implicit, opportunistic or none, found 'startls' (did"
      + " you mean 'starttls'?)"
  ),
  (
    "tls: { min_version: TLS1.2 }",
    "config.yml:5:25: tls.min_version must be TLS10, TLS11, TLS12 or TLS13, found 'TLS1.2' (did you mean"
      + " 'TLS12'?)"
  ),
  (
    "tls: { min_version: TLS13, max_version: TLS12 }",
    "config.yml:5:25: tls.min_version TLS13 is above tls.max_version TLS12 (no version is left)"
  ),
  (
    "tls: { insecure_skip_verify: yes }",
    "config.yml:5:34: tls.insecure_skip_verify must be true or false, found 'yes'"
  ),
  (
    "tls: { server_name: \"mail.example.com:465\" }",
    "config.yml:5:25: tls.server_name has a ':' in it (write the port as a setting of its own: port: 465)"
  ),
  ("ehlo: my_host", "config.yml:5:11: ehlo has a '_' in it (many servers refuse it; use a name of the DNS)"),
  ("ehlo: 192.0.2.1", "config.yml:5:11: ehlo is an address (write [192.0.2.1])"),
  ("ehlo: ''", "config.yml:5:11: ehlo is empty (leave it out to use this host's own name)"),
  ("ip: 5", "config.yml:5:9: ip must be any, 4, 6 or each, found '5'"),
  ("retries: -1", "config.yml:5:14: retries must be a whole number 0-10, found '-1'"),
  (
    "envelope: { from: a@example.net }",
    "config.yml:5:15: envelope.to is missing (envelope has from and to)"
  ),
  (
    "envelope: { from: \"A <a@example.net>\", to: b@example.net }",
    "config.yml:5:23: envelope.from has a blank or control character in it (write the address alone)"
  ),
  (
    "send: { from: \"<a@example.net>\", to: b@example.net }",
    "config.yml:5:19: send.from has a '<' in it (write the address alone: probe@example.net)"
  ),
  ("send: { from: '', to: example.net }", "config.yml:5:27: send.to has no '@' (write USER@DOMAIN)"),
  (
    "send: { from: '', to: a@b@example.net }",
    "config.yml:5:27: send.to has a character before the '@' that needs quotes"
  ),
  (
    "send: { from: '', to: 'a@example,net' }",
    "config.yml:5:27: send.to has a ',' in it (write one address)"
  ),
  (
    "send: { from: '', to: a@-example.net }",
    "config.yml:5:27: send.to has a domain that has a '-' at the edge of the part '-example' (remove it)"
  ),
  (
    "send: { from: '', to: a@example.net, subject: \"a\\nb\" }",
    "config.yml:5:51: send.subject must be one line of up to 200 ASCII characters"
  ),
  ("expect: { banner: 'a(b' }", "config.yml:5:23: expect.banner is not a regular expression (expected ')')"),
  (
    "expect: { reject: auht }",
    "config.yml:5:23: expect.reject must be connect, tls, banner, ehlo, starttls, auth, mail, rcpt, data"
      + " or message, found 'auht' (did you mean 'auth'?)"
  ),
  (
    "expect: { capabilities: STARTTLS }",
    "config.yml:5:29: expect.capabilities must be a list, found text (write [A, B])"
  ),
  (
    "expect: { capabilities: [\"\"] }",
    "config.yml:5:30: expect.capabilities must be keywords of the EHLO reply (such as STARTTLS or \"AUTH"
      + " PLAIN\")"
  ),
  ("module: x", "config.yml:5:13: there is no module 'x' (define it under 'modules')"),
  ("labels: { job: x }", "config.yml:5:15: the label 'job' is reserved (choose another name)"),
  ("labels: { __x: x }", "config.yml:5:15: the label '__x' is reserved (choose another name)"),
  ("labels: { a-b: x }", "config.yml:5:15: the label 'a-b' is no label name (letters, digits and _ only)"),
  ("labels: { 1a: x }", "config.yml:5:15: the label '1a' is no label name (letters, digits and _ only)"),
  ("labels: [x]", "config.yml:5:13: labels must be a mapping, found a list (write { NAME: VALUE })"),
  (
    "group: ${NOWHERE}",
    "config.yml:5:12: group names the variable NOWHERE, which is not set (set NOWHERE in the environment)"
  ),
  (
    "group: ${NOWHERE",
    "config.yml:5:12: group has '${' without '}' (write ${NAME}, or $${ for the letters themselves)"
  ),
  (
    "group: \"${A:-b}\"",
    "config.yml:5:12: group has '${…}' around what is no variable's name (only ${NAME} is expanded)"
  ),
  (
    "tls: { ca_file: /nowhere/ca.pem }",
    "config.yml:5:21: tls.ca_file: cannot read /nowhere/ca.pem: there is no such file (errno 2)"
  ),
  ("tls: { ca_file: / }", "config.yml:5:21: tls.ca_file: cannot read /: it is a directory (errno 21)"),
  ("tls: { ca_file: '' }", "config.yml:5:21: tls.ca_file is empty (name a file)"),
])
func `a bad setting of a target is told in one line`(setting: String, line: String) {
  #expect(findings(target: setting) == [line])
}

@Test(arguments: [
  (
    "auth: { username: u, pasword: \(plant) }",
    [
      "3:26: unknown key 'pasword' (did you mean 'password'?)",
      "3:11: auth has no password (set auth.password_file or auth.password_env)",
    ]
  ),
  (
    "auth: { username: u, password:\(plant) }",
    [
      "3:26: unknown key 'password…' (did you mean 'password'?)",
      "3:11: auth has no password (set auth.password_file or auth.password_env)",
    ]
  ),
  (
    "auth: { username: u, password: , password_file: x }",
    ["3:53: auth has password and password_file (keep one of them)"]
  ),
  (
    "auth: { username: u, password: }",
    ["3:36: auth.password has no value (put it in quotes: a # begins a comment)"]
  ),
  ("auth: { password: \(plant) }", ["3:11: auth.username is missing (a login needs a user)"]),
  ("auth: { username: '', password: \(plant) }", ["3:23: auth.username is empty (a login needs a user)"]),
  (
    "auth: \(plant)",
    [
      "3:11: auth must be a mapping, found text (of username, password, password_file, password_env,"
        + " mechanism, token_file, oauth2 or allow_plaintext)"
    ]
  ),
  ("auth: { username: u, password: [\(plant)] }", ["3:36: auth.password must be text, found a list"]),
  (
    "auth: { username: u, password: \(plant), password_env: PLANT }",
    ["3:69: auth has password and password_env (keep one of them)"]
  ),
  (
    "auth: { username: u, password_env: NOWHERE }",
    ["3:40: auth.password_env names the variable NOWHERE, which is not set (set NOWHERE in the environment)"]
  ),
  (
    "auth: { username: u, password_env: $PLANT }",
    ["3:40: auth.password_env must be the name of a variable (write NAME, without $ and braces)"]
  ),
  (
    "auth: { username: u, password_env: \"${PLANT}\" }",
    ["3:40: auth.password_env must be the name of a variable (write NAME, without $ and braces)"]
  ),
  (
    "auth: { username: u, password_env: PLANT, allow_plaintext: \(plant) }",
    ["3:64: auth.allow_plaintext must be true or false"]
  ),
  (
    "auth: { username: u, password_env: PLANT, mechanism: CRAM_MD5 }",
    [
      "3:58: auth.mechanism must be auto, PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256,"
        + " SCRAM-SHA-1-PLUS, SCRAM-SHA-256-PLUS, XOAUTH2, OAUTHBEARER or EXTERNAL, found 'CRAM_MD5'"
        + " (did you mean 'CRAM-MD5'?)"
    ]
  ),
  (
    "auth: { username: u, password_env: PLANT, mechanism: \(plant) }",
    [
      "3:58: auth.mechanism must be auto, PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256,"
        + " SCRAM-SHA-1-PLUS, SCRAM-SHA-256-PLUS, XOAUTH2, OAUTHBEARER or EXTERNAL"
    ]
  ),
  (
    "auth: { username: u, password_env: PLANT, token_file: t }",
    ["3:59: auth has password_env and token_file (keep one of them)"]
  ),
  (
    "auth: { username: u, password_env: PLANT, mechanism: XOAUTH2 }",
    [
      "3:40: mechanism XOAUTH2 takes a token, not password_env"
        + " (set auth.token_file or auth.oauth2, or another mechanism)"
    ]
  ),
  (
    "auth: { username: u, mechanism: OAUTHBEARER }",
    ["3:11: auth has no token (set auth.token_file or auth.oauth2)"]
  ),
  (
    "auth: { username: u, token_file: none, mechanism: XOAUTH2 }",
    ["3:38: auth.token_file: cannot read none: there is no such file (errno 2)"]
  ),
  (
    "auth: { username: u, password_env: PLANT, mechanism: EXTERNAL }",
    [
      "3:40: mechanism EXTERNAL takes no password_env"
        + " (remove it; the client certificate of tls.cert_file is the proof)",
      "3:58: mechanism EXTERNAL needs a client certificate (set tls.cert_file and tls.key_file)",
    ]
  ),
  (
    "auth: { username: u, password_file: secrets/none }",
    ["3:41: auth.password_file: cannot read secrets/none: there is no such file (errno 2)"]
  ),
])
func `a bad login is told without its secret`(auth: String, lines: [String]) {
  let found = findings("targets:\n  - host: mail.example.com\n    \(auth)\n")
  #expect(Set(found) == Set(lines.map { "config.yml:\($0)" }))
}

@Test(arguments: [
  (#""smtp.x""#, #""has the quote " in it (remove the quotes)"#),
  ("smtp.x ", "\"has a blank ' ' at its end (remove it)"),
  ("smtp.x,", "\"has a ',' in it (give one host, and one target for each)"),
  ("smtp://x", "\"has the ':' of 'smtp://' in it (write the name alone, with tls.mode: starttls)"),
  ("x:587", "\"has a ':' in it (write the port as a setting of its own: port: 587)"),
  ("[::1]", "\"has a '[' in it (write ::1 without brackets)"),
  ("$${HOST}", "\"has a '$' in it (write ${NAME}, and set NAME in the environment)"),
  ("${HOST}", "\"names the variable HOST, which is not set (set HOST in the environment)"),
  ("", "\"is empty (name the mail server: mail.example.com)"),
])
func `a bad host is told at its place`(host: String, message: String) {
  let found = findings("targets:\n  - { name: a, host: '\(host)' }\n")
  #expect(found == ["config.yml:2:22: host " + message.dropFirst()])
}

@Test(arguments: [
  ("", "config.yml: the file is empty (it needs at least one of 'targets', 'target_files' and 'modules')"),
  (
    "# only a comment\n",
    "config.yml: the file is empty (it needs at least one of 'targets', 'target_files' and 'modules')"
  ),
  (
    "a b",
    "config.yml:1:1: a configuration must be a mapping, found text (of modules, targets, target_files,"
      + " target_urls, history, probe, limits, network_check or metrics)"
  ),
  (
    "metrics: { collect: [resuls] }",
    "config.yml:1:22: metrics.collect has 'resuls', which is no group of metrics (did you mean 'results'?)"
  ),
  ("targts: []", "config.yml:1:1: unknown key 'targts' (did you mean 'targets'?)"),
  ("targets:\n", "config.yml:1:9: targets must be a list, found nothing (begin each target with '- ')"),
  (
    "targets: { a: b }",
    "config.yml:1:10: targets must be a list, found a mapping (begin each target with '- ')"
  ),
  (
    "targets: [{ name: a }]",
    "config.yml:1:11: a target has no host (name the mail server: host: mail.example.com)"
  ),
  (
    "targets:\n- { name: a, host: a.example }\n- { name: a, host: b.example }",
    "config.yml:3:11: the target name 'a' is taken at config.yml:2:11 (names are unique)"
  ),
  (
    "modules: { submission: {} }\ntargets: [{ host: a.example, module: submision }]",
    "config.yml:2:38: there is no module 'submision' (did you mean 'submission'?)"
  ),
  (
    "modules: { a: x }\ntargets: [{ host: a.example, module: a }]",
    "config.yml:1:15: the module 'a' must be a mapping, found text (of timeout, timeouts, diagnosis, checks, "
      + "tls, ehlo, ip, rollup, source_address, proxy_protocol, protocol, retries, retry_backoff, auth, "
      + "envelope, send, delivery, expect, slow_after, cert_expiry_warning or policy)"
  ),
  ("modules: [a]", "config.yml:1:10: modules must be a mapping of names, found a list"),
  ("modules: { a: { retry: 1 } }", "config.yml:1:17: unknown key 'retry' (did you mean 'retries'?)"),
  (
    "modules: { a: { envelope: { from: a@example.net } } }",
    "config.yml:1:27: envelope.to is missing (envelope has from and to)"
  ),
  (
    "history: { results: many }",
    "config.yml:1:21: history.results must be a whole number 1-1000000, found 'many'"
  ),
  (
    "limits: { per_address: 0 }",
    "config.yml:1:24: limits.per_address must be a whole number 1-1000000, found '0'"
  ),
  (
    "targets: [a]",
    "config.yml:1:11: a target must be a mapping, found text (of name, host, port, module, interval, group, "
      + "labels, timeout, timeouts, diagnosis, checks, tls, ehlo, ip, rollup, source_address, "
      + "proxy_protocol, protocol, retries, retry_backoff, auth, envelope, "
      + "send, delivery, expect, slow_after, cert_expiry_warning or policy)"
  ),
  (
    "probe: { allow: [configurd] }",
    "config.yml:1:18: probe.allow has 'configurd', which is no host (did you mean 'configured'?)"
  ),
  ("modules: {}\r\nx: \u{1}\r\n", "config.yml:2:4: not YAML: control characters are not allowed"),
  ("probe: { allow: any }", "config.yml:1:17: probe.allow must be a list, found text (write [A, B])"),
  (
    "network_check: [a.example]",
    "config.yml:1:17: network_check has a host without a port (write HOST:PORT)"
  ),
  ("limits: {}\nlimits: {}", "config.yml:1:1: 'limits' is set more than once, here first (keep one)"),
  (
    "modules:\n\ta: 1",
    "config.yml:2:1: not YAML: found character that cannot start any token while scanning for the next"
      + " token (indent with blanks, not tabs; put text that begins with %, @ or ` in quotes)"
  ),
  (
    "modules:\n  a: { ehlo: ${X} }",
    "config.yml:2:15: not YAML: did not find expected ',' or '}' while parsing a flow mapping (put text"
      + " with braces, brackets or commas in quotes, such as \"${NAME}\")"
  ),
  (
    "a: 1\n---\nb: 2",
    "config.yml:2:1: not YAML: but found another document expected a single document in the stream"
  ),
  ("modules: *x", "config.yml:1:10: not YAML: found undefined alias (put text that begins with * in quotes)"),
])
func `a bad configuration is told in one line`(yaml: String, line: String) {
  #expect(findings(yaml) == [line])
}

@Test func `all faults are told at once, in the file's order, and each once`() {
  let found = findings(
    """
    modules:
      m: { timeout: 5, tls: { mode: ssl } }
    targets:
      - { host: a.example, module: m }
      - { host: b.example, module: m, port: x }
    histroy: {}
    """)
  #expect(
    found == [
      "config.yml:2:17: timeout must be a number with a unit, found '5' (did you mean 5s?)",
      "config.yml:2:33: tls.mode must be starttls, implicit, opportunistic or none, found 'ssl'",
      "config.yml:5:41: port must be a whole number 1-65535, found 'x'",
      "config.yml:6:1: unknown key 'histroy' (did you mean 'history'?)",
    ])
}

@Test func `findings have the reason that a probe would give`() {
  func reason(_ setting: String) -> Finding? {
    let yaml = "targets: [{ host: a.example, \(setting) }]"
    do throws(ConfigurationError) {
      return try Settings.parse(yaml: yaml).warnings.first
    } catch {
      return error.findings.first
    }
  }
  #expect(reason("port: x")?.reason == .configInvalid)
  #expect(reason("port: 456")?.reason == .configModePortConflict)
  #expect(reason("tls: { ca_file: /nowhere }")?.reason == .configTlsMaterial)
  #expect(reason("auth: { username: u, password: 'a ' }")?.reason == .configCredentials)
}

@Test func `aliases of aliases end in an error, not in a hang`() {
  let lists = zip("abcdefgh", "bcdefghi").map { name, next in
    "\(next): &\(next) [\(Array(repeating: "*\(name)", count: 10).joined(separator: ", "))]"
  }
  let found = findings((["a: &a [x]"] + lists).joined(separator: "\n"))
  #expect(found == ["config.yml:1:4: more than 1000000 values, aliases included"])
}
