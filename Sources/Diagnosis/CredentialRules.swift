import Model

// A secret that was damaged on its way into the configuration looks damaged. What is shown is its length and
// what is odd about it, never a part of it.
extension Inquiry {
  /// What is odd about the configured password or token; nil where nothing is.
  var oddPassword: String? {
    guard let proof = seen.target.settings.auth?.proof, let secret = proof.secret?.bytes else { return nil }
    let name = if case .token = proof { "the configured token" } else { "the configured password" }
    let length = "\(name) (\(secret.count) bytes)"
    guard let first = secret.first, let last = secret.last else { return "\(name) is empty" }
    let blanks: [UInt8] = [0x20, 0x09]
    if last == 0x0A || last == 0x0D { return "\(length) ends in a line end" }
    if blanks.contains(first) || blanks.contains(last) { return "\(length) has a blank at its edge" }
    if secret.count >= 2, first == last, first == 0x22 || first == 0x27 {
      return "\(length) stands in quotation marks"
    }
    if secret.starts(with: "${".utf8), last == UInt8(ascii: "}") {
      return "\(length) looks like a variable that was not expanded"
    }
    if secret.firstRange(of: Array("${".utf8)) != nil { return "\(length) contains \"${\"" }
    if first == UInt8(ascii: "$"), secret.count > 1,
      secret.dropFirst().allSatisfy({ $0.isLetterOrDigit || $0 == 0x5F })
    {
      return "\(length) looks like a variable that was not expanded"
    }
    if isPercentEncoded(secret) { return "\(length) contains a % with two hexadecimal digits, as in a URL" }
    if secret.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "\(length) contains a control character" }
    if secret.contains(where: { $0 >= 0x80 }) { return "\(length) contains letters beyond ASCII" }
    return nil
  }

  private func isPercentEncoded(_ secret: [UInt8]) -> Bool {
    guard secret.count >= 3 else { return false }
    return secret.indices.dropLast(2).contains { index in
      secret[index] == UInt8(ascii: "%") && isHexadecimal(secret[index + 1])
        && isHexadecimal(secret[index + 2])
    }
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool { byte.isDigit || (0x61...0x66).contains(byte | 0x20) }
}
