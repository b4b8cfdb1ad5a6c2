/// The TXT record at `_mta-sts.DOMAIN` (RFC 8461 section 3.1): that there is a policy, and which version of it.
package struct MTASTSRecord: Sendable, Equatable {
  package var id: String

  /// Reads the record among the texts at the name.
  package init(_ texts: [[UInt8]]) throws(RecordFault) {
    let tags: TagList
    do throws(TagList.Fault) { tags = try TagList(in: texts, version: "STSv1") } catch {
      throw RecordFault(error, kind: "v=STSv1")
    }
    guard let id = tags["id"] else { throw .malformed("the record has no id") }
    let isLetterOrDigit: (UInt8) -> Bool = {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
    }
    guard id.utf8.count <= 32, id.utf8.allSatisfy(isLetterOrDigit) else {
      throw .malformed("the id '\(shown(id))' is not 1 to 32 letters and digits")
    }
    self.id = id
  }
}

/// Why a record of a policy is none.
package enum RecordFault: Error, Sendable, Equatable, CustomStringConvertible {
  case missing(String)
  case malformed(String)

  init(_ fault: TagList.Fault, kind: String) {
    self =
      switch fault {
      case .none: .missing("there is no TXT record with \(kind)")
      case .several(let count):
        .malformed("there are \(count) TXT records with \(kind), which is as good as none")
      case .malformed(let words): .malformed(words)
      }
  }

  package var description: String {
    switch self {
    case .missing(let words), .malformed(let words): words
    }
  }
}
