import DNS
import HTTP
import TLS
import Web

/// What `--version` says, and `smtpwatch_build_info`.
enum Version {
  /// The program and its build.
  static let facts = ProgramFacts(version: "0.1.0", revision: "unknown", swiftVersion: swift)

  /// The lines of `--version`.
  static var text: String {
    """
    smtpwatch, version \(facts.version) (revision: \(facts.revision))
      swift:          \(swift)
      openssl:        \(CryptographicLibrary.version)
      libmicrohttpd:  \(HTTPServer.libraryVersion)
      c-ares:         \(Resolver.libraryVersion)
    """
  }

  private static var swift: String {
    #if compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
