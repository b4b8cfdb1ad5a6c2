import Model

/// What one Authentication-Results field says (RFC 8601 section 2.2), or one Received-SPF field (RFC 7208 section 9.1).
struct AuthenticationResults {
  /// One method's result.
  struct Entry: Equatable {
    /// In small letters, without a version.
    var method: Substring
    var verdict: AuthenticationVerdicts.Verdict
    /// It is of the name in HELO or EHLO alone, not of the sender's address.
    var isOfGreeting = false
  }

  /// Who judged, in small letters; empty where the field does not say, which some large receivers leave out.
  private(set) var authority: Substring
  private(set) var entries: [Entry] = []

  /// The field's unfolded value. What breaks the grammar is skipped.
  init(_ value: String) {
    var parts = Self.parts(of: value)[...]
    let head = parts.first?.first ?? ""
    authority = head.contains("=") ? "" : Substring(head.lowercased())
    if !head.contains("=") { parts = parts.dropFirst() }
    entries = parts.compactMap { Entry(words: $0) }
  }

  /// The value of a Received-SPF field, which is about SPF alone and names no authority.
  init(receivedSPF value: String) {
    authority = ""
    guard let words = Self.parts(of: value).first, let word = words.first else { return }
    let verdict = AuthenticationVerdicts.Verdict(word: word)
    let isOfGreeting = Self.parts(of: value).joined().contains { $0.lowercased() == "identity=helo" }
    entries = [Entry(method: "spf", verdict: verdict, isOfGreeting: isOfGreeting)]
  }

  /// The words between semicolons, without comments; `=` binds what stands on both of its sides.
  private static func parts(of value: String) -> [[String]] {
    var parts: [[String]] = [[]]
    var word: String?
    var (depth, isQuoted, isEscaped, isBound) = (0, false, false, false)
    func end() {
      if let text = word { parts[parts.count - 1].append(text) }
      word = nil
    }
    for letter in value {
      defer { isEscaped = !isEscaped && letter == "\\" && (isQuoted || depth > 0) }
      if isQuoted {
        if letter == "\"", !isEscaped { isQuoted = false } else { word?.append(letter) }
        continue
      }
      if depth > 0 {
        if !isEscaped, letter == "(" { depth += 1 }
        if !isEscaped, letter == ")" { depth -= 1 }
        continue
      }
      switch letter {
      case "(": depth = 1
      case ";":
        end()
        parts.append([])
        isBound = false
      case "=":
        // `dkim = pass` is one word as `dkim=pass` is.
        if word == nil { word = parts[parts.count - 1].popLast() ?? "" }
        word?.append(letter)
        isBound = true
      case _ where letter.isWhitespace:
        if !isBound { end() }
      default:
        isQuoted = letter == "\""
        word = word ?? ""
        if !isQuoted { word?.append(letter) }
        isBound = false
      }
    }
    end()
    return parts
  }
}

extension AuthenticationResults.Entry {
  fileprivate init?(words: [String]) {
    guard let word = words.first, let equals = word.firstIndex(of: "=") else { return nil }
    let method = word[..<equals].prefix { $0 != "/" }.lowercased()
    self.init(
      method: Substring(method), verdict: .init(word: word[word.index(after: equals)...]),
      isOfGreeting: words.contains { $0.lowercased().hasPrefix("smtp.helo=") }
        && !words.contains { $0.lowercased().hasPrefix("smtp.mailfrom=") })
  }
}

extension AuthenticationVerdicts.Verdict {
  fileprivate init(word: some StringProtocol) { self = Self(rawValue: word.lowercased()) ?? .other }
}

extension AuthenticationVerdicts {
  /// What the receiving server found, by all fields of a header from its top.
  ///
  /// Each of a server's filters may write a field of its own. The topmost is the receiver's; others count where they
  /// name the same authority, for the rest may be anybody's (RFC 8601 section 4.1). Of several results of a method the
  /// first counts, but that a signature that holds is enough (RFC 6376 section 6.1), and that what is said of the
  /// sender's address goes before what is said of the greeting. A server that writes Received-SPF instead is heard
  /// too.
  init(results: [AuthenticationResults], receivedSPF: [AuthenticationResults]) {
    self.init()
    let own = results.filter { $0.authority == results.first?.authority }.flatMap(\.entries)
    func verdict(_ method: Substring) -> Verdict? {
      let found = own.filter { $0.method == method }
      return (found.first { !$0.isOfGreeting } ?? found.first)?.verdict
    }
    let hop = receivedSPF.flatMap(\.entries)
    spf = verdict("spf") ?? (hop.first { !$0.isOfGreeting } ?? hop.first)?.verdict ?? .missing
    dkim = own.contains { $0.method == "dkim" && $0.verdict == .pass } ? .pass : verdict("dkim") ?? .missing
    dmarc = verdict("dmarc") ?? .missing
  }
}
