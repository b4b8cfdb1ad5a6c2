package import Model

/// A file that a secret stands in, and that may change while the program runs.
package enum SecretFile {
  /// The secret in a file. Throws a sentence that does not show it.
  package static func read(_ path: String) throws(SecretFileFault) -> Secret {
    do throws(ConfigurationError) {
      return try SecretSource.file(path: path).read(environment: [:], at: Place(file: path)).secret
    } catch {
      throw SecretFileFault(description: error.findings.first?.message ?? "\(path) cannot be read")
    }
  }
}

/// Why a secret's file cannot be used.
package struct SecretFileFault: Error, Sendable, CustomStringConvertible {
  package var description: String
}
