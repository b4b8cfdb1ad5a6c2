/// A TLSA record (RFC 6698 section 2), by its data.
package struct TLSARecord: Sendable, Equatable {
  /// 2 for an authority of the domain's choice, 3 for the server's own certificate; 0 and 1 are of no use with
  /// SMTP (RFC 7672 section 3.1.3).
  package var usage: UInt8
  /// 0 the certificate, 1 its public key.
  package var selector: UInt8
  /// 0 the data itself, 1 its SHA-256, 2 its SHA-512.
  package var matching: UInt8
  package var association: [UInt8]

  /// A record of its parts.
  package init(usage: UInt8, selector: UInt8, matching: UInt8, association: [UInt8]) {
    self.usage = usage
    self.selector = selector
    self.matching = matching
    self.association = association
  }

  /// Reads a record's data; nil where it is too short to be one.
  package init?(data: [UInt8]) {
    guard data.count > 3 else { return nil }
    self.init(usage: data[0], selector: data[1], matching: data[2], association: Array(data[3...]))
  }

  /// A sender can use it (RFC 7672 sections 2.1, 3.1; RFC 7671 section 10.1.1).
  package var isUsable: Bool {
    guard usage == 2 || usage == 3, selector <= 1 else { return false }
    return switch matching {
    case 0: !association.isEmpty
    case 1: association.count == 32
    case 2: association.count == 64
    default: false
    }
  }

  /// Any certificate that this authority issues will do.
  package var isAuthority: Bool { usage == 2 }

  /// As in a zone file; what is longer than a SHA-512 is cut.
  package var text: String {
    let digits = Array("0123456789abcdef".utf8)
    let hex = association.prefix(64).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    let rest = association.count > 64 ? "…" : ""
    return "\(usage) \(selector) \(matching) \(String(decoding: hex, as: UTF8.self))\(rest)"
  }
}
