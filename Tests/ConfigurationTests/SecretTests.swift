import Model
import Testing

@testable import Configuration

private func read(_ password: String) -> (Secret?, [String]) {
  let place = Place(file: "environment")
  do throws(ConfigurationError) {
    let (secret, warnings) = try SecretSource.environment(name: "P").read(
      environment: ["P": password], at: place)
    return (secret, warnings.map(\.description))
  } catch {
    return (nil, error.findings.map(\.description))
  }
}

private let subject = "environment: the password: the value of P"

@Test(arguments: [
  ("", "is empty (a login needs a password)"),
  ("\(plant)\n", "ends with a line end (remove it; only a file's last one is left out by itself)"),
  ("\(plant)\r\n", "ends with a line end (remove it; only a file's last one is left out by itself)"),
  ("a\n\(plant)", "has more than one line (keep the password alone)"),
  ("\(plant)\u{0}", "has a control character in it (the password is damaged; write it anew)"),
])
func `a damaged secret is an error`(password: String, message: String) {
  let (secret, lines) = read(password)
  #expect(secret == nil)
  #expect(lines == ["\(subject) \(message)"])
}

@Test(arguments: [
  (" \(plant)", "has a blank at its edge (remove it if it was pasted along)"),
  ("\(plant)\t", "has a blank at its edge (remove it if it was pasted along)"),
  ("'\(plant)'", "has quotes around it (remove them if they are not part of it)"),
  ("\"\(plant)\"", "has quotes around it (remove them if they are not part of it)"),
  (
    "${\(plant)}",
    "has '${' in it, which is not expanded here (use password_env: NAME to take it from a variable)"
  ),
  ("\u{FEFF}\(plant)", "has a byte order mark in it (save it as plain UTF-8)"),
])
func `an odd secret is used as it is, with a warning`(password: String, message: String) {
  let (secret, lines) = read(password)
  #expect(secret == Secret(password))
  let prefix = subject.replacing("environment: ", with: "environment: warning: ")
  #expect(lines == ["\(prefix) \(message)"])
}

@Test(arguments: ["abc", "a b", "pässword", "it's", "%40$HOME#!", "\""])
func `any other secret is fine`(password: String) {
  let (secret, lines) = read(password)
  #expect(secret == Secret(password))
  #expect(lines == [])
}

@Test(arguments: [
  ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret", "secret"), (" secret\n", " secret"),
])
func `the line end of a secret's file is left out`(content: String, secret: String) throws {
  let folder = try Folder(["s": content])
  let source = SecretSource.file(path: "\(folder.path)/s")
  #expect(try source.read(environment: [:], at: Place(file: "x")).secret == Secret(secret))
}

@Test(arguments: ["", "\n", "\r\n", "a\n\n", "\(plant)\r"])
func `a secret's file with nothing in it, or too much, is an error`(content: String) throws {
  let folder = try Folder(["s": content])
  let source = SecretSource.file(path: "\(folder.path)/s")
  #expect(throws: ConfigurationError.self) { try source.read(environment: [:], at: Place(file: "x")) }
}

@Test func `a secret that everybody can read is warned of, one for its group is not`() throws {
  let folder = try Folder()
  try folder.write("open", plant, mode: 0o644)
  try folder.write("group", plant, mode: 0o640)
  let place = Place(file: "x", line: 1, column: 2)
  let open = try SecretSource.file(path: "\(folder.path)/open").read(environment: [:], at: place)
  let group = try SecretSource.file(path: "\(folder.path)/group").read(environment: [:], at: place)
  let path = "\(folder.path)/open"
  #expect(
    open.warnings.map(\.description) == [
      "x:1:2: warning: the password: everybody on this machine can read \(path) (chmod o-rwx \(path))"
    ])
  #expect(group.warnings == [])
}

@Test func `a secret's own file is looked at through links`() throws {
  let folder = try Folder()
  try folder.write("data/open", plant, mode: 0o600)
  try folder.link("link", to: "data/open")
  let source = SecretSource.file(path: "\(folder.path)/link")
  #expect(try source.read(environment: [:], at: Place(file: "x")).warnings == [])
}
