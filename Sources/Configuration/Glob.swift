import Foundation

/// A shell pattern: `*` for any letters, `?` for one, `[a-z]` and `[!a-z]` for one of a set. In paths none of
/// them matches a slash, and a leading dot must be written out.
package struct Glob: Sendable, Hashable, CustomStringConvertible {
  package let pattern: String

  /// A pattern; text without wildcards matches itself.
  package init(_ pattern: String) { self.pattern = pattern }

  package var description: String { pattern }

  /// Whether the whole of `text` fits.
  package func matches(_ text: String) -> Bool {
    Glob.fits(Array(pattern.unicodeScalars)[...], Array(text.unicodeScalars)[...])
  }

  /// The files that fit, sorted. What cannot be listed has none.
  package func files() -> [String] {
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    for part in pattern.split(separator: "/").map(String.init) {
      found = found.flatMap { Glob.step(part, in: $0) }
    }
    return found.sorted()
  }

  /// The folders in which a file that fits, or a part of the way to it, can appear.
  func folders() -> [String] {
    var folders: [String] = []
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    for part in pattern.split(separator: "/").map(String.init) {
      folders += found.map { $0.isEmpty ? "." : $0 }
      found = found.flatMap { Glob.step(part, in: $0) }
    }
    return folders
  }

  private static func step(_ part: String, in folder: String) -> [String] {
    let join = { (name: String) in
      folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
    guard part.contains(where: { "*?[".contains($0) }) else {
      return FileManager.default.fileExists(atPath: join(part)) ? [join(part)] : []
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    let glob = Glob(part)
    return names.filter { $0.hasPrefix(".") == part.hasPrefix(".") && glob.matches($0) }.map(join)
  }

  private typealias Letters = ArraySlice<Unicode.Scalar>

  /// Matches with one step back to the last star, which is enough: a later star can take over what an
  /// earlier one would have.
  private static func fits(_ pattern: Letters, _ text: Letters) -> Bool {
    var (pattern, text) = (pattern, text)
    var retry: (pattern: Letters, text: Letters)?
    while true {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        retry = (pattern, text)
      } else if let letter = text.first, let rest = one(letter, of: pattern) {
        pattern = rest
        text = text.dropFirst()
      } else if text.isEmpty && pattern.isEmpty {
        return true
      } else if let last = retry, !last.text.isEmpty {
        retry = (last.pattern, last.text.dropFirst())
        (pattern, text) = (last.pattern, last.text.dropFirst())
      } else {
        return false
      }
    }
  }

  /// What is left of the pattern after it took one letter; nil where the letter does not fit.
  private static func one(_ letter: Unicode.Scalar, of pattern: Letters) -> Letters? {
    guard let head = pattern.first else { return nil }
    if head == "?" { return pattern.dropFirst() }
    guard head == "[", let end = pattern.dropFirst(2).firstIndex(of: "]") else {
      return head == letter ? pattern.dropFirst() : nil
    }
    var members = pattern[(pattern.startIndex + 1)..<end]
    let isNegated = members.first == "!" || members.first == "^"
    if isNegated { members = members.dropFirst() }
    var isMember = false
    while let low = members.popFirst() {
      if members.first == "-", members.count > 1 {
        let high = members[members.startIndex + 1]
        isMember = isMember || (low <= letter && letter <= high)
        members = members.dropFirst(2)
      } else {
        isMember = isMember || low == letter
      }
    }
    return isMember != isNegated ? pattern[(end + 1)...] : nil
  }
}
