import Model

extension Section {
  /// How to find out whether test messages arrive. `isWhole` false lets what a target may still add be missing.
  func deliverySettings(isWhole: Bool) -> DeliverySettings? {
    guard let section = section("delivery", keys: Keys.delivery) else { return nil }
    let given = ["imap", "maildir", "lmtp_listen"].filter(section.has)
    guard given.count == 1 else {
      if given.count > 1 || isWhole {
        reading.error(
          section.place,
          given.isEmpty ? "delivery has no mailbox" : "delivery has \(given.joined(separator: " and "))",
          cure: "set one of imap, maildir and lmtp_listen")
      }
      return nil
    }
    if isWhole, !has("send") {
      reading.error(section.place, "delivery needs send", cure: "it looks for the messages that send sends")
    }
    guard let mailbox = section.mailbox(given[0], isWhole: isWhole) else { return nil }
    var settings = DeliverySettings(mailbox: mailbox)
    section.duration("late_after", atLeast: .seconds(1)).map { settings.lateAfter = $0 }
    section.duration("lost_after", atLeast: .seconds(1)).map { settings.lostAfter = $0 }
    section.duration("poll_interval", atLeast: .seconds(1)).map { settings.pollInterval = $0 }
    if settings.lostAfter < settings.lateAfter {
      reading.error(
        section.place(section.has("lost_after") ? "lost_after" : "late_after"),
        "delivery.lost_after \(settings.lostAfter.setting) is shorter than late_after \(settings.lateAfter.setting)",
        cure: "a message is late before it is lost")
    }
    settings.key = section.file("key_file").flatMap {
      reading.secret(.file(path: $0), named: section.name("key_file"), at: section.place("key_file"))
    }
    if let key = settings.key, key.bytes.count < 16 {
      reading.error(
        section.place("key_file"), "delivery.key_file has fewer than 16 bytes",
        cure: "make one: openssl rand -hex 32 > FILE")
    }
    return settings
  }

  private func mailbox(_ key: String, isWhole: Bool) -> MailboxSettings? {
    switch key {
    case "maildir": return file("maildir").map { .maildir($0) }
    case "lmtp_listen":
      return parsed("lmtp_listen") { text throws(Complaint) in
        let (host, port) = try Endpoint.hostAndPort(text)
        guard let port else {
          throw Complaint("has an address without a port", cure: "such as 127.0.0.1:1024")
        }
        guard AddressLiteral.isIPv4(host) || AddressLiteral.isIPv6(host) else {
          throw Complaint("must begin with an IP address", cure: "such as 127.0.0.1:\(port) or [::1]:\(port)")
        }
        return .lmtp(host: host, port: port)
      }
    default:
      return section("imap", keys: Keys.imap, isSecretive: true)?.imap(isWhole: isWhole).map { .imap($0) }
    }
  }

  private func imap(isWhole: Bool) -> IMAPSettings? {
    let host = parsed("host", HostName.check)
    let username = text("username")
    let tls = choice("tls", IMAPSettings.TLS.allCases) ?? .implicit
    let port = number("port", 1...65_535) ?? (tls == .implicit ? 993 : 143)
    let caFile = file("ca_file")
    if let caFile {
      TLSMaterial.check(caFile, .authorities, named: name("ca_file"), at: place("ca_file"), reading)
    }
    let folders = list("folders") { text throws(Complaint) in
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
      else {
        throw Complaint("must be names of folders as the server lists them", cure: "such as [INBOX, Junk]")
      }
      return text
    }
    let keys = Mapping.proofs.filter(has)
    guard keys.count == 1 else {
      if isWhole || keys.count > 1 {
        reading.error(
          place, keys.isEmpty ? "\(path) has no password" : "\(path) has \(keys.joined(separator: " and "))",
          cure: keys.isEmpty
            ? "set \(path).password_file or password_env, or for OAuth token_file or oauth2"
            : "keep one of them",
          reason: .configCredentials)
      }
      return nil
    }
    for key in ["host", "username"] where isWhole && !has(key) {
      reading.error(place, "\(name(key)) is missing", cure: "a mailbox has a host and a user")
    }
    guard let proof = imapProof(keys[0], isWhole: isWhole), let host, let username else { return nil }
    return IMAPSettings(
      host: host, port: port, username: username, proof: proof, tls: tls, caFile: caFile,
      folders: folders ?? [])
  }

  private func imapProof(_ key: String, isWhole: Bool) -> IMAPSettings.Proof? {
    switch key {
    case "oauth2": tokenGrant(isWhole: isWhole).map { .grant($0) }
    case "token_file": secret(key).map { .token($0) }
    default: secret(key).map { .password($0) }
    }
  }
}
