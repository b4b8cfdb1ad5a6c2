import Model

/// What a result too large for the history goes without, in this order, until it fits: first what tells least.
enum ResultCut: CaseIterable {
  case transcriptsOfGoodMembers
  case transcriptsOfMembers
  case middleOfTranscript
  case furtherEvidence
  case furtherRecordsOfPolicies
  case offersOfMembers
  case furtherMembers
  /// Only what a record of fixed size could tell, and the sentence.
  case allButTheVerdict

  /// The most bytes of a stored result.
  static let mostBytes = 64 << 10
  /// Of a transcript, at its begin and its end.
  private static let keptLines = 32
  /// Of a list.
  private static let keptItems = 8
  private static let keptCharacters = 1024

  /// What is left out, in words.
  private var words: String {
    switch self {
    case .transcriptsOfGoodMembers: "transcripts of servers that work"
    case .transcriptsOfMembers: "transcripts of single servers"
    case .middleOfTranscript: "the middle of the transcript"
    case .furtherEvidence: "further evidence"
    case .furtherRecordsOfPolicies: "further records of policies"
    case .offersOfMembers: "what single servers offer"
    case .furtherMembers: "further servers"
    case .allButTheVerdict: "all but the verdict"
    }
  }

  /// Writes a result, cut where it must be.
  static func pack(_ result: ProbeResult, into packer: inout Packer) {
    result.pack(into: &packer)
    var cut = result
    var note: Evidence?
    for step in allCases where packer.bytes.count > mostBytes {
      cut.evidence.removeAll { $0 == note }
      step.apply(to: &cut)
      let words = Evidence(.note, "too large for the stored history, which goes without \(step.words)")
      cut.evidence.append(words)
      note = words
      packer.removeAll()
      cut.pack(into: &packer)
    }
  }

  private func apply(to result: inout ProbeResult) {
    for index in result.members.indices { applyToMember(&result.members[index]) }
    switch self {
    case .transcriptsOfGoodMembers, .transcriptsOfMembers, .offersOfMembers: break
    case .middleOfTranscript:
      let lines = result.transcript
      guard lines.count > 2 * Self.keptLines else { break }
      let gap = TranscriptLine(
        at: lines[Self.keptLines].at, from: .note, tls: lines[Self.keptLines].tls,
        text: "\(lines.count - 2 * Self.keptLines) lines are not kept")
      result.transcript = Transcript(lines.prefix(Self.keptLines) + [gap] + lines.suffix(Self.keptLines))
    case .furtherEvidence: result.evidence = Array(result.evidence.prefix(Self.keptItems))
    case .furtherRecordsOfPolicies:
      if let records = result.policy?.dane?.records {
        result.policy?.dane?.records = Array(records.prefix(Self.keptItems))
      }
      if let patterns = result.policy?.mtaSTS?.mx {
        result.policy?.mtaSTS?.mx = Array(patterns.prefix(Self.keptItems))
      }
      if let addresses = result.policy?.tlsRPT?.reportsTo {
        result.policy?.tlsRPT?.reportsTo = Array(addresses.prefix(Self.keptItems))
      }
    case .furtherMembers:
      // Those that fail tell more.
      let kept = result.members.filter { !$0.success } + result.members.filter(\.success)
      result.members = Array(kept.prefix(Self.keptItems))
    case .allButTheVerdict:
      (result.members, result.transcript, result.evidence) = ([], [], [])
      (result.smtp, result.tls, result.policy) = (nil, nil, nil)
      result.message = String(result.message.prefix(Self.keptCharacters))
      result.remedy = String(result.remedy.prefix(Self.keptCharacters))
      if let text = result.reply?.text { result.reply?.text = String(text.prefix(Self.keptCharacters)) }
    }
  }

  private func applyToMember(_ member: inout ProbeResult) {
    switch self {
    case .transcriptsOfGoodMembers: if member.success { member.transcript = [] }
    case .transcriptsOfMembers: member.transcript = []
    case .offersOfMembers: member.smtp = nil
    case .middleOfTranscript, .furtherMembers, .allButTheVerdict: break
    case .furtherEvidence, .furtherRecordsOfPolicies: apply(to: &member)
    }
  }
}
