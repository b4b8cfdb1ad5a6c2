package import Model

/// Something wrong, or odd, in a configuration. It never shows a secret.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
  /// Whether the configuration can be used all the same.
  package enum Severity: String, Sendable {
    case error
    case warning
  }

  package var severity: Severity
  /// What it would be called if a probe ran into it: one of the `config_…` reasons.
  package var reason: Reason
  package var place: Place
  /// What is wrong. A bcrypt hash in it, such as one that was put where a file's name belongs, is masked.
  package let message: String
  /// What to do about it, such as `did you mean 'interval'?`; may be empty.
  package var cure: String

  /// A finding at a place.
  package init(
    _ severity: Severity, at place: Place, _ message: String, cure: String = "",
    reason: Reason = .configInvalid
  ) {
    self.severity = severity
    self.reason = reason
    self.place = place
    self.message = BcryptHash.masked(in: message)
    self.cure = cure
  }

  /// One line, as compilers write it: `config.yml:12:5: unknown key 'intervall' (did you mean 'interval'?)`.
  package var description: String {
    let mark = severity == .warning ? "warning: " : ""
    return OneLine.of("\(place): \(mark)\(message)" + (cure.isEmpty ? "" : " (\(cure))"))
  }
}

/// Where a setting stands: a file with line and column, both from 1, or a source without lines.
package struct Place: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The path as it was given, or `environment`.
  package var file: String
  /// 0 where the whole file is meant.
  package var line: Int
  /// In Unicode scalars; 0 where the whole file is meant.
  package var column: Int

  /// A place in a file, or the whole file.
  package init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }

  package var description: String { line == 0 ? file : "\(file):\(line):\(column)" }

  package static func < (left: Place, right: Place) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A configuration that cannot be used: everything found in it, errors and warnings, in the file's order.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  package let findings: [Finding]

  /// The findings, at least one of them an error.
  package init(_ findings: [Finding]) { self.findings = findings }

  /// One line for each error. Warnings would only hide why nothing comes of it.
  package var description: String {
    findings.filter { $0.severity == .error }.map(\.description).joined(separator: "\n")
  }
}

/// Why a value cannot be used, said so that it reads on after the setting's name: `has a blank at its end`.
package struct Complaint: Error, Sendable, Equatable, CustomStringConvertible {
  package var message: String
  package var cure: String

  /// A complaint with what to do about it.
  package init(_ message: String, cure: String = "") {
    self.message = message
    self.cure = cure
  }

  /// The complaint with its cure in brackets.
  package var description: String { message + (cure.isEmpty ? "" : " (\(cure))") }
}
