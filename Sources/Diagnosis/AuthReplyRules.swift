import Model
import SMTP

// Replies to AUTH (RFC 4954 section 6 and what servers made of it).
extension Inquiry {
  func authRule(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    loginRefused(text, reply) ?? loginImpossible(text, reply) ?? loginLater(text, reply)
  }

  /// 534 and 535: the server looked at the credentials.
  private func loginRefused(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    guard reply.code == 534 || reply.code == 535 else { return nil }
    if reply.code == 535,
      text.has("5.7.139", "smtpclientauthentication", "basic authentication is disabled")
    {
      return refusal(.authDisabled, .auth, reply, "has SMTP login switched off for this account or tenant")
    }
    if wantsAppPassword(text) {
      return refusal(
        .authAppPassword, .auth, reply,
        "wants an app password or authorization code\(account) instead of the ordinary password")
    }
    if reply.code == 534 || text.has("no mechanism") {
      return refusal(.authMechanism, .auth, reply, "does not accept the login mechanism\(mechanismWords)")
    }
    if usesToken {
      return refusal(.authToken, .auth, reply, "refused the OAuth token\(account)")
    }
    let user = userName.map { "user \"\($0)\"" } ?? "the user"
    let proof = seen.mechanism == .external ? "client certificate" : "password"
    return refusal(
      .authRejected, .auth, reply, "does not accept \(user) with the configured \(proof)\(byMechanism)")
  }

  private func wantsAppPassword(_ text: ReplyText) -> Bool {
    text.has("pplication-specific", "application specific password", "app password", "authorization code")
      // 授权码 (authorization code) in UTF-8 and in GBK.
      || text.has(bytes: [0xE6, 0x8E, 0x88, 0xE6, 0x9D, 0x83, 0xE7, 0xA0, 0x81])
      || text.has(bytes: [0xCA, 0xDA, 0xC8, 0xA8, 0xC2, 0xEB])
  }

  /// 5yz that says that this sort of login is not to be had here.
  private func loginImpossible(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    let lacksTLS = !seen.isInTLS && (offersStarttls || isAboutTLS(text))
    switch reply.code {
    case 530, 538: break
    case 503 where isAboutTLS(text): break
    case 502 where lacksTLS, 504 where lacksTLS: break
    case 503 where text.has("not enabled"):
      return refusal(.authNotOffered, .auth, reply, "has no login switched on here")
    case 504:
      return refusal(.authMechanism, .auth, reply, "does not accept the login mechanism\(mechanismWords)")
    default: return nil
    }
    let likely = reply.code < 530 && !isAboutTLS(text) ? "likely " : ""
    return refusal(.authNeedsTls, .auth, reply, "\(likely)allows a login only inside TLS")
  }

  private func loginLater(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    guard reply.isTransient else { return nil }
    return isAboutRate(text) || text.has("limit")
      ? refusal(.rateLimited, .auth, reply, "limits how often one may log in")
      : refusal(.authTemporary, .auth, reply, "cannot check logins at the moment")
  }

  /// STARTTLS is on the list in clear.
  var offersStarttls: Bool {
    seen.clearCapabilities.contains { $0.uppercased() == "STARTTLS" }
  }

  func isAboutTLS(_ text: ReplyText) -> Bool {
    text.has("starttls", "encrypt") || text.has(word: "tls") || text.has(word: "ssl") || text.has("ssl/tls")
  }

  private var usesToken: Bool {
    if let mechanism = seen.mechanism { return mechanism == .xoauth2 || mechanism == .oauthBearer }
    let command = seen.command?.uppercased() ?? ""
    return command.contains("XOAUTH2") || command.contains("OAUTHBEARER")
  }

  /// ` for user "probe"`, where a user is configured.
  private var account: String { userName.map { " for user \"\($0)\"" } ?? "" }

  private var userName: String? {
    guard let name = seen.target.settings.auth?.username, !name.isEmpty else { return nil }
    return text(name, limit: 80)
  }

  private var byMechanism: String { seen.mechanism.map { " (AUTH \($0.rawValue))" } ?? "" }
  private var mechanismWords: String { seen.mechanism.map { " \($0.rawValue)" } ?? "" }
}
