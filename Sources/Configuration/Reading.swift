import Model

/// One reading of a configuration: what it may look at, and what it has found so far. Nothing is thrown on
/// the way, so that a person sees all faults at once.
final class Reading {
  let environment: [String: String]
  /// The folder that paths are seen from.
  let directory: String
  /// Whether `${…}` stands for a variable.
  let expands: Bool
  /// The section that a misplaced name belongs to.
  let home: (String) -> String?
  private(set) var findings: [Finding] = []
  /// Every file that was looked at, once each.
  private(set) var files: [String] = []
  /// Regular expressions known to be good.
  var goodPatterns: Set<String> = []

  private var said: Set<Finding> = []
  private var contents: [String: Result<[UInt8], FileText.Fault>] = [:]

  /// A reading that has not begun.
  init(
    environment: [String: String], directory: String, expands: Bool = true,
    homes: @escaping (String) -> String? = Keys.home
  ) {
    self.environment = environment
    self.expands = expands
    home = homes
    self.directory = directory
  }

  /// Notes a finding, once: a module's faults show up again in each of its targets.
  func note(_ finding: Finding) {
    if said.insert(finding).inserted { findings.append(finding) }
  }

  /// Notes an error.
  func error(_ place: Place, _ message: String, cure: String = "", reason: Reason = .configInvalid) {
    note(Finding(.error, at: place, message, cure: cure, reason: reason))
  }

  /// Notes a warning.
  func warn(_ place: Place, _ message: String, cure: String = "", reason: Reason = .configInvalid) {
    note(Finding(.warning, at: place, message, cure: cure, reason: reason))
  }

  /// There is an error at a place.
  func refuses(_ place: Place) -> Bool { findings.contains { $0.severity == .error && $0.place == place } }

  /// The bytes of a file, read once and remembered among the settings' files.
  func contents(of path: String) throws(FileText.Fault) -> [UInt8] {
    if let known = contents[path] { return try known.get() }
    files.append(path)
    let result = Result { () throws(FileText.Fault) in try FileText.read(path) }
    contents[path] = result
    return try result.get()
  }

  /// Takes `text` for the contents of a file, whatever it holds now.
  func assume(_ text: Secret, in path: String) {
    files.append(path)
    contents[path] = .success(text.bytes)
  }

  /// Takes back the findings after the first `count`, and gives them.
  func takeBack(to count: Int) -> [Finding] {
    let taken = Array(findings[count...])
    findings.removeLast(taken.count)
    said.subtract(taken)
    return taken
  }

  /// The findings by file, each in its order.
  var sortedFindings: [Finding] {
    var order: [String: Int] = [:]
    for finding in findings where order[finding.place.file] == nil { order[finding.place.file] = order.count }
    for (index, file) in files.enumerated() where order[file] != nil { order[file] = index - files.count }
    return findings.enumerated().sorted { left, right in
      let files = (order[left.element.place.file] ?? 0, order[right.element.place.file] ?? 0)
      if files.0 != files.1 { return files.0 < files.1 }
      if left.element.place != right.element.place { return left.element.place < right.element.place }
      return left.offset < right.offset
    }.map(\.element)
  }

  /// The warnings; throws where there is an error among the findings.
  func warnings() throws(ConfigurationError) -> [Finding] {
    guard !findings.contains(where: { $0.severity == .error }) else {
      throw ConfigurationError(sortedFindings)
    }
    return sortedFindings
  }
}
