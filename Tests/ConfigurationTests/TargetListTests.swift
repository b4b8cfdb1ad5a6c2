import Foundation
import Model
import Testing

@testable import Configuration

private let main = "modules: { m: { retries: 0 }, n: { retries: 1 } }\ntarget_files: [\"t/*\"]\n"

private func load(_ lists: [String: String]) throws -> [Target] {
  let files = Dictionary(uniqueKeysWithValues: lists.map { ("t/\($0)", $1) })
  let folder = try Folder(files.merging(["main.yml": main]) { first, _ in first })
  return try Settings.load(file: "\(folder.path)/main.yml", environment: [:]).settings.targets
}

/// Faults of one list, without the folder's name.
private func faults(_ list: String) throws -> [String] {
  let folder = try Folder(["main.yml": main, "t/a.yml": list])
  do throws(ConfigurationError) {
    _ = try Settings.load(file: "\(folder.path)/main.yml", environment: [:])
    return []
  } catch {
    return error.findings.map { "\($0)".replacing("\(folder.path)/t/", with: "") }
  }
}

@Test func `groups of service discovery are targets, and stand beside our own`() throws {
  let targets = try load([
    "a.yml": """
    - targets: [mx1.example.com:25, "[2001:db8::1]:587", smtps://mx2.example.com]
      labels: { module: m, team: mail, group: mx, job: blackbox, __metrics_path__: /probe }
    - host: own.example.com
    - targets: []
    """,
    "b.json": """
    [ { "targets": ["mail.example.net"], "labels": { "target": "net", "__param_module": "n", "module": "m",
      "__scrape_interval__": "1m", "empty": "" } } ]
    """,
  ])
  #expect(
    targets.map(\.name) == [
      "mx1.example.com:25", "[2001:db8::1]:587", "smtps://mx2.example.com", "own.example.com", "net",
    ])
  #expect(targets.map(\.host).prefix(3) == ["mx1.example.com", "2001:db8::1", "mx2.example.com"])
  #expect(targets.map(\.port) == [25, 587, 465, 587, 587])
  #expect(targets.map(\.settings.tls.mode) == [.starttls, .starttls, .implicit, .starttls, .starttls])
  #expect(targets.map(\.module) == ["m", "m", "m", "default", "n"])
  #expect(targets[0].group == "mx" && targets[0].labels.map { "\($0.name)=\($0.value)" } == ["team=mail"])
  #expect(targets[4].interval == .seconds(60) && targets[4].labels.isEmpty)
}

@Test func `what another smtpwatch publishes is read back as it is there`() throws {
  let targets = try load([
    "sd.json": """
    [{"targets":["mail.example.org:2525"],"labels":{"target":"plunk","__param_module":"m",
      "__meta_smtpwatch_target":"plunk","__meta_smtpwatch_module":"m","__meta_smtpwatch_tls_mode":"none",
      "__meta_smtpwatch_group":"","__meta_smtpwatch_label_team":"mail"}}]
    """
  ])
  let target = try #require(targets.first)
  #expect((target.name, target.port, target.settings.tls.mode) == ("plunk", 2525, .none))
  #expect(target.group == nil && target.labels.map(\.name) == ["team"] && target.module == "m")
}

@Test func `faults of groups say where and what to do`() throws {
  #expect(
    try faults(
      """
      - targets: [mx:example.com, "a:b:c", lmtp://a.example.com:2424, { host: b }]
      - targets: [a.example.com, b.example.com]
        labels: { target: one }
      - targets: [c.example.com]
        labels: { host: d.example.com, modul: m }
      - targets: [d.example.com]
        lables: {}
      - targets: e.example.com
      - { targets: [f.example.com], labels: { module: o } }
      - { targets: [g.example.com], labels: [] }
      """
    ) == [
      "a.yml:1:13: the address is a domain, which is more than one server (list its MX hosts)",
      "a.yml:1:29: the address has more than one ':' in it (write an IPv6 address with its port as "
        + "[ADDRESS]:PORT)",
      "a.yml:1:38: the address has LMTP on another port than 24 (LMTP is spoken on "
        + "port 24 only)",
      "a.yml:1:65: targets must be addresses, found a mapping (write HOST:PORT)",
      "a.yml:3:13: the label 'target' would give several targets one name (make a group of each address, or leave "
        + "the label out: the address is the name)",
      "a.yml:5:13: the label 'host' is reserved (choose another name)",
      "a.yml:7:3: unknown key 'lables' (did you mean 'labels'?)",
      "a.yml:8:12: targets must be a list, found text (write [HOST:PORT])",
      "a.yml:9:49: there is no module 'o' (known are m or n)",
      "a.yml:10:39: labels must be a mapping, found a list (write { NAME: VALUE })",
    ])
}

/// A configuration with lists, read once, and read again while it is in use.
private struct Used {
  let folder: Folder
  var loaded: Loaded
  var file: String { "\(folder.path)/main.yml" }

  init() throws {
    folder = try Folder([
      "main.yml": main, "t/a.yml": "- host: a.example.com", "t/b.yml": "- host: b.example.com",
    ])
    loaded = try Settings.load(file: "\(folder.path)/main.yml", environment: [:])
  }

  mutating func reload(all: Bool = false) throws -> [String] {
    loaded = try Settings.reload(loaded, file: file, rereadsFile: all, environment: [:])
    return loaded.settings.targets.map { String($0.name.prefix { $0 != "." }) }
  }

  var faults: [String] {
    loaded.lists.flatMap(\.faults).map { "\($0)".replacing("\(folder.path)/t/", with: "") }
  }
}

@Test func `a list that turns bad keeps what it held, and the others go on`() throws {
  var used = try Used()
  try used.folder.write("t/a.yml", "- host: c.example.com\n- hots: d.example.com")
  try used.folder.write("t/b.yml", "- host: e.example.com")
  #expect(try used.reload() == ["a", "e"])
  #expect(
    used.faults == [
      "a.yml:2:3: unknown key 'hots' (did you mean 'host'?)",
      "a.yml:2:3: a target has no host (name the mail server: host: mail.example.com)",
    ])
  #expect(used.loaded.lists.map(\.count) == [1, 1] && used.loaded.warnings.isEmpty)
  // Not YAML at all, and for long.
  try used.folder.write("t/a.yml", "- {")
  for _ in 0..<2 { #expect(try used.reload() == ["a", "e"] && used.faults.count == 1) }
  try used.folder.write("t/a.yml", "- host: f.example.com")
  #expect(try used.reload() == ["f", "e"] && used.faults.isEmpty)
}

@Test func `lists come and go; a new one that is bad has nothing to fall back on`() throws {
  var used = try Used()
  try FileManager.default.removeItem(atPath: "\(used.folder.path)/t/a.yml")
  try used.folder.write("t/c.yml", "nonsense")
  #expect(try used.reload() == ["b"] && used.faults.count == 1)
  try used.folder.write("t/c.yml", "- host: c.example.com")
  #expect(try used.reload() == ["b", "c"] && used.faults.isEmpty)
}

@Test func `a name that another list has is the fault of the list that has changed`() throws {
  var used = try Used()
  try used.folder.write("t/b.yml", "- host: x.example.com\n- host: a.example.com")
  #expect(try used.reload() == ["a", "b"])
  #expect(used.faults.count == 1 && used.faults[0].contains("is taken at"), "\(used.faults)")
}

@Test func `the configuration file is read again only where that is asked for`() throws {
  var used = try Used()
  try used.folder.write("main.yml", main + "limits: { in_flight: 7 }\n")
  _ = try used.reload()
  #expect(used.loaded.settings.limits.inFlight == 1000)
  _ = try used.reload(all: true)
  #expect(used.loaded.settings.limits.inFlight == 7)
  try used.folder.write("main.yml", "nonsense")
  #expect(throws: ConfigurationError.self) { try used.reload(all: true) }
  #expect(try used.reload() == ["a", "b"] && used.loaded.settings.limits.inFlight == 7)
}

@Test func `the folders to watch are those on the way to every file`() throws {
  let used = try Used()
  let folders = used.loaded.settings.watchedFolders
  let path = used.folder.path
  #expect(folders.isSuperset(of: [path, "\(path)/t", "/"]))
  #expect(!folders.contains("\(path)/t/a.yml"))
}

@Test func `behind a link, the folder that it leads to is watched too`() throws {
  let folder = try Folder(["main.yml": "target_files: [mounted/a.yml]", "..1/a.yml": "- host: a.example.com"])
  try folder.link("mounted", to: "..1")
  let folders = try Settings.load(file: "\(folder.path)/main.yml", environment: [:]).settings.watchedFolders
  #expect(folders.isSuperset(of: [folder.path, "\(folder.path)/mounted", "\(folder.path)/..1"]))
}

private let urls = """
  modules: { m: { auth: { username: u, password: "${PLANT}" } } }
  target_urls: [{ url: "http://127.0.0.1:1/sd?a=b", name: own, interval: 30s }]
  """

/// What a reading makes of an answer, after another that is in use: the targets' hosts, and the faults.
private func answered(
  _ answer: FetchedList?, after good: String? = nil, isStrict: Bool = false
) throws -> ([String], [String]) {
  let folder = try Folder(["main.yml": urls.replacing("password: \"${PLANT}\"", with: "password_env: PLANT")])
  let (file, environment) = ("\(folder.path)/main.yml", ["PLANT": plant])
  var loaded = try Settings.load(file: file, environment: environment)
  #expect(loaded.settings.targets.isEmpty && loaded.lists.isEmpty)
  if let good {
    let fetched = ["own": FetchedList.text(Secret(good))]
    loaded = try Settings.reload(
      loaded, file: file, rereadsFile: false, environment: environment, fetched: fetched)
    #expect(loaded.lists.flatMap(\.faults).isEmpty)
  }
  let fetched = answer.map { ["own": $0] } ?? [:]
  loaded =
    isStrict
    ? try Settings.load(file: file, environment: environment, after: loaded, fetched: fetched)
    : try Settings.reload(
      loaded, file: file, rereadsFile: true, environment: environment, fetched: fetched)
  #expect(!"\(loaded)".contains(plant))
  return (loaded.settings.targets.map(\.host), loaded.lists.flatMap(\.faults).map(\.description))
}

private let goodAnswer = """
  [{"targets": ["a.example.com:587"], "labels": {"__param_module": "m", "note": "${PLANT}"}}]
  """

@Test func `what comes from a URL is a list as any other`() throws {
  #expect(try answered(.text(Secret(goodAnswer))) == (["a.example.com"], []))
  #expect(try answered(.text(Secret("[]")), after: goodAnswer) == ([], []))
}

@Test(arguments: [false, true]) func `a URL that fails or answers nonsense keeps what it said`(isStrict: Bool)
  throws
{
  #expect(try answered(nil, after: goodAnswer, isStrict: isStrict) == (["a.example.com"], []))
  #expect(
    try answered(.failed("it is gone"), after: goodAnswer, isStrict: isStrict)
      == (["a.example.com"], ["own: it is gone"]))
  #expect(
    try answered(
      .text(Secret(#"[{"targets": ["b.example.com"], "labels": {"module": "x"}}]"#)), after: goodAnswer)
      == (["a.example.com"], ["own:1:54: there is no module 'x' (known are m)"]))
}

@Test func `a foreign list can say no more than groups can, and learns no variable`() throws {
  for answer in [
    #"[{"host": "a.example.com", "auth": {"username": "u", "password_file": "/etc/shadow"}}]"#,
    #"[{"targets": ["${PLANT}.example.com"]}]"#,
    #"[{"targets": ["a.example.com"], "auth": {}}]"#,
  ] {
    let (hosts, faults) = try answered(.text(Secret(answer)))
    #expect(hosts.isEmpty && !faults.isEmpty, "\(answer)")
  }
}

@Test func `faults of target_urls say where and what to do`() {
  let found = { (member: String) in findings("target_urls: [{ \(member) }]\n") }
  #expect(
    found("name: x") == ["config.yml:1:15: a member of target_urls has no url (write { url: https://… })"])
  #expect(
    found("url: ftp://a.example.com/x")
      == ["config.yml:1:22: url must be a URL of http or https (write https://HOST/PATH)"])
  #expect(
    found("url: \"https://u:\(plant)@a.example.com/x\"")
      == ["config.yml:1:22: url has a user in it (write auth: { username: …, password_file: … })"])
  #expect(
    found("url: http://a.example.com/x, auth: { username: u, password_env: PLANT }")
      == ["config.yml:1:22: auth would go over the network in clear (use https://)"])
  #expect(
    findings(
      "modules: { m: { auth: { username: u, password_env: PLANT } } }\ntarget_urls: [{ url: http://a.example.com }]"
    ) == [
      "config.yml:2:22: warning: who can answer for http://a.example.com can have the credentials of modules sent to "
        + "him (use https://)"
    ])
  #expect(found("url: \"http://[::1]:80/x\", auth: { username: u, password_env: PLANT }") == [])
  #expect(
    found("url: https://a.example.com/x, auth: { password_env: PLANT }")
      == [
        "config.yml:1:53: auth must have a username with one password, or a token_file alone"
      ])
  #expect(
    findings("target_urls: [{ url: https://a.example.com/x?1 }, { url: https://a.example.com/x?2 }]\n")
      == [
        "config.yml:1:51: two of target_urls are called https://a.example.com/x (give each a name)"
      ])
}
