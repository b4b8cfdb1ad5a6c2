import Model

extension SettingsReading {
  /// Reads every file of `target_files`.
  mutating func readTargetFiles(_ top: Section) {
    guard let value = top.mapping["target_files"],
      let patterns = top.list(
        "target_files",
        { text throws(Complaint) in
          guard !text.isEmpty else { throw Complaint("has an empty path") }
          return Glob(FileText.resolve(text, from: reading.directory))
        })
    else { return }
    settings.targetFilePatterns = patterns
    var seen: Set<String> = []
    for pattern in patterns {
      let files = pattern.files()
      if files.isEmpty { reading.warn(value.place, "target_files: no file fits \(pattern)") }
      for file in files where seen.insert(file).inserted {
        readList(named: file, isForeign: false) { reading throws(ConfigurationError) in
          Secret(try reading.configuration(file, at: value.place))
        }
      }
    }
  }

  /// Reads what came from every URL of `target_urls`; one that has not answered yet has no targets.
  mutating func readTargetURLs(_ top: Section) {
    guard let value = top.mapping["target_urls"], !value.isNull else { return }
    guard case .list(let members) = value.content else {
      return reading.error(
        value.place, "target_urls must be a list, found \(value.kind)", cure: "write [{ url: https://… }]")
    }
    for member in members {
      guard
        let section = Section(
          member, subject: "a member of target_urls", keys: Keys.targetURL, reading: reading),
        let source = section.targetURL()
      else { continue }
      guard !settings.targetURLs.contains(where: { $0.name == source.name }) else {
        reading.error(section.place, "two of target_urls are called \(source.name)", cure: "give each a name")
        continue
      }
      if source.isInClear, modules.values.contains(where: { $0.has("auth") }) {
        reading.warn(
          section.place("url"),
          "who can answer for \(source.name) can have the credentials of modules sent to him",
          cure: "use https://")
      }
      settings.targetURLs.append(source)
      readFetched(source.name)
    }
  }

  private mutating func readFetched(_ name: String) {
    switch listsInUse.fetched[name] {
    case .text(let text):
      readList(named: name, isForeign: true) { _ throws(ConfigurationError) in text }
    case .failed(let words):
      readList(named: name, isForeign: true) { _ throws(ConfigurationError) in
        throw ConfigurationError([Finding(.error, at: Place(file: name), words)])
      }
    case nil:
      guard let text = listsInUse.texts[name] else { return }
      readList(named: name, isForeign: true) { _ throws(ConfigurationError) in text }
    }
  }

  /// Reads a list of targets. A bad one gives way to its text in use, unless the reading is strict.
  ///
  /// - Parameter isForeign: it comes from elsewhere: it may name addresses and modules, and no more.
  private mutating func readList(
    named name: String, isForeign: Bool, contents: (Reading) throws(ConfigurationError) -> Secret
  ) {
    var list = TargetList(name: name, text: listsInUse.texts[name] ?? Secret(""))
    let count = settings.targets.count
    let isStrict = listsInUse.isStrict && !isForeign
    do throws(ConfigurationError) {
      let text = try contents(reading)
      if isStrict || text == list.text {
        list.text = text
        readList(text, of: name, isForeign: isForeign)
      } else {
        list.faults = faults(reading: text, of: name, isForeign: isForeign)
        if list.faults.isEmpty {
          list.text = text
        } else {
          readList(list.text, of: name, isForeign: isForeign)
        }
      }
    } catch {
      if isStrict { error.findings.forEach(reading.note) } else { list.faults = error.findings }
      readList(list.text, of: name, isForeign: isForeign)
    }
    list.count = settings.targets.count - count
    lists.append(list)
  }

  /// Reads a list that is new; where it has faults, they are given, and it is as if it had not been read.
  private mutating func faults(reading text: Secret, of name: String, isForeign: Bool) -> [Finding] {
    let (before, count) = (self, reading.findings.count)
    readList(text, of: name, isForeign: isForeign)
    guard reading.findings[count...].contains(where: { $0.severity == .error }) else { return [] }
    self = before
    return reading.takeBack(to: count).filter { $0.severity == .error }
  }

  private mutating func readList(_ text: Secret, of name: String, isForeign: Bool) {
    do throws(ConfigurationError) {
      let value = try YAMLText.parse(String(decoding: text.bytes, as: UTF8.self), file: name)
      if let value { readTargets(value, isForeign: isForeign) }
    } catch {
      error.findings.forEach(reading.note)
    }
  }
}
