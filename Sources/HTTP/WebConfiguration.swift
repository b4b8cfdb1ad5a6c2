/// Who may come in, and how: what stands before a responder. Encryption is the server's own (`TLSCredentials`).
package struct WebConfiguration: Sendable, Equatable {
  /// Fields of every answer, which go before the program's own; an empty one is not sent at all.
  package var headers: [(name: String, value: String)] = []
  /// The bcrypt hashes of passwords by user; empty: everybody may come in.
  package var users: [String: String] = [:]
  /// nil: none.
  package var rateLimit: RateLimit?

  /// Open doors.
  package init() {}

  package static func == (left: WebConfiguration, right: WebConfiguration) -> Bool {
    left.users == right.users && left.rateLimit == right.rateLimit
      && left.headers.elementsEqual(right.headers, by: ==)
  }
}
