import Base
import Model
import Transfer

/// An account with an IMAP server (RFC 9051): our messages are found by their header, read, and deleted one by
/// one. Nothing else in the account is touched.
struct IMAPMailbox {
  private let settings: IMAPSettings
  private let client: TransferClient
  private let tokens: MailboxTokens
  private let isOurs: @Sendable (String) -> Bool
  /// Messages that look like ours and are not, by folder and UID.
  private var foreign: Set<String> = []

  /// One look at a folder takes no more of them; the next look takes the next.
  private static let most = 50

  init(
    _ settings: IMAPSettings, client: TransferClient, tokens: MailboxTokens,
    isOurs: @escaping @Sendable (String) -> Bool
  ) {
    self.settings = settings
    self.client = client
    self.tokens = tokens
    self.isOurs = isOurs
  }

  /// Takes our messages out of the account.
  mutating func collect() async throws(MailboxError) -> [Finding] {
    var findings: [Finding] = []
    for folder in try await folders() { findings += try await collect(folder.name, folder.kind) }
    return findings
  }

  /// The folders to look into: those of the settings, or the inbox and what is there for junk.
  private func folders() async throws(MailboxError) -> [(name: String, kind: DeliveryFacts.FolderKind)] {
    let lines = IMAPAnswer(try await say("LIST \"\" *", in: nil).lines).folders
    guard settings.folders.isEmpty else {
      for name in settings.folders where !lines.contains(where: { $0.name.uppercased() == name.uppercased() })
      {
        throw MailboxError("\(settings.username) at \(settings.host) has no folder '\(name)'")
      }
      return settings.folders.map { name in
        let isJunk = lines.contains { $0.name == name && $0.isJunk }
        return (name, isJunk ? .junk : DeliveryFacts.FolderKind(folder: name))
      }
    }
    let junk = lines.filter { $0.isJunk || DeliveryFacts.FolderKind(folder: $0.name) == .junk }
    return [("INBOX", .inbox)] + junk.map { ($0.name, .junk) }
  }

  private mutating func collect(
    _ folder: String, _ kind: DeliveryFacts.FolderKind
  ) async throws(MailboxError) -> [Finding] {
    let answer = IMAPAnswer(
      try await say("UID SEARCH UNDELETED HEADER X-Smtpwatch-Token \"sw1-\"", in: folder).lines)
    // A folder that was made anew gives its numbers to other messages: the library refuses to go on then.
    let validity = answer.uidValidity.map { ";UIDVALIDITY=\($0)" } ?? ""
    let keys = answer.found.map { (uid: $0, key: "\(folder)\(validity);\($0)") }
    var findings: [Finding] = []
    for (uid, key) in keys.filter({ !foreign.contains($0.key) }).prefix(Self.most) {
      let header = try await say(nil, in: folder, "\(validity)/;UID=\(uid)/;SECTION=HEADER").body
      guard let message = ReceivedMessage(header), isOurs(message.token) else {
        foreign.insert(key)
        continue
      }
      findings.append(Finding(message: message, folder: kind))
      _ = try await say("UID STORE \(uid) +FLAGS.SILENT (\\Deleted)", in: folder, validity)
      // EXPUNGE alone would take messages that somebody else has marked. Without UIDPLUS (RFC 4315) the mark is
      // all there is, and ours are not looked at again.
      _ = try? await say("UID EXPUNGE \(uid)", in: folder, validity)
    }
    if foreign.count > 10_000 { foreign = [] }
    return findings
  }

  private func say(
    _ command: String?, in folder: String?, _ rest: String = ""
  ) async throws(MailboxError) -> TransferResponse {
    let scheme = settings.tls == .implicit ? "imaps" : "imap"
    let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
    let place = folder.map(Self.escaped) ?? ""
    var request = TransferRequest(url: "\(scheme)://\(host):\(settings.port)/\(place)\(rest)")
    request.allowedSchemes = [settings.tls == .implicit ? .imaps : .imap]
    request.command = command
    request.credentials = try await credentials()
    request.caFile = settings.caFile
    request.keepsConnection = true
    request.maxBytes = 1 << 18
    do throws(TransferError) {
      return try await client.perform(request)
    } catch {
      switch error {
      case .loginRefused(let host, let code): throw refusal(host, code)
      case .tokensUnknown: throw complaint("\(error); set `delivery.imap.password_file` instead")
      default: throw complaint("\(error)")
      }
    }
  }

  private func complaint(_ words: String, isRefusal: Bool = false) -> MailboxError {
    MailboxError(
      "\(settings.username) at \(settings.host):\(settings.port): \(words)", isRefusal: isRefusal)
  }

  /// What a refusal means for the sort of proof that was given.
  private func refusal(_ host: String, _ code: String?) -> MailboxError {
    let why = code.map { " (\($0))" } ?? ""
    let words =
      switch settings.proof {
      case .password: "\(host) refuses the login\(why)"
      case .token:
        "\(host) refuses the access token\(why): it has expired, was revoked, or is not for IMAP and this user; put "
          + "a new one into `delivery.imap.token_file`"
      case .grant:
        "\(host) refuses the access token\(why) that the token endpoint gave: it was revoked, or is not for IMAP and "
          + "this user; see `delivery.imap.oauth2.scopes`"
      }
    if case .grant(let grant) = settings.proof { tokens.refused(grant) }
    return complaint(
      "\(words); it is tried ever more rarely, so that nobody locks the account", isRefusal: true)
  }

  /// Who we are: with a password, or with an access token by OAUTHBEARER (RFC 7628) or XOAUTH2.
  private func credentials() async throws(MailboxError) -> TransferRequest.Credentials {
    let user = settings.username
    switch settings.proof {
    case .password(let password): return .basic(user: user, password: password)
    case .token(let token): return .bearer(user: user, token: token)
    case .grant(let grant):
      await tokens.firstAnswer(grant)
      let state = tokens.state(grant)
      guard let token = state.token else {
        throw complaint("there is no access token: \(state.fault.map { "\($0)" } ?? "none was given")")
      }
      return .bearer(user: user, token: token)
    }
  }

  private static func escaped(_ name: String) -> String {
    name.utf8.map { byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      return isPlain
        ? String(UnicodeScalar(byte))
        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
