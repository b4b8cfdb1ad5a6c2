import Model

/// A mail provider with rules of its own, as far as they are public. What they say is a hint: a provider may
/// change its mind any day.
struct Provider {
  var name: String
  /// The ends of its hosts' names.
  var suffixes: [String]
  /// What people get wrong about its logins.
  var login: String?
  /// Whom it takes mail from.
  var sender: String?
  /// How to reach it.
  var connect: String?
  /// What a user name must look like; the words tell what it should be.
  var userRule: (@Sendable (String) -> String?)?
}

/// The providers that the monitor knows, by host name.
enum Providers {
  /// The provider that a host belongs to.
  static func of(host: String) -> Provider? {
    all.first { provider in provider.suffixes.contains { HostName.matches(host, suffix: $0) } }
  }

  /// The provider's host that was probably meant by a name that does not exist.
  static func nameMeant(by host: String) -> String? {
    let host = host.lowercased()
    if host == "smtp.google.com" || host == "mail.gmail.com" || host == "gmail.com" {
      return "smtp.gmail.com"
    }
    let close = hosts.map { ($0, EditDistance.between(host, $0)) }
    guard let best = close.min(by: { $0.1 < $1.1 }), (1...2).contains(best.1) else { return nil }
    return best.0
  }

  private static let hosts = [
    "smtp.gmail.com", "smtp-relay.gmail.com", "smtp.office365.com", "smtp-mail.outlook.com",
    "smtp.sendgrid.net",
    "smtp.mailgun.org", "smtp.eu.mailgun.org", "smtp.useplunk.com", "smtp.zoho.com", "smtp.zoho.eu",
    "smtp.yandex.com", "smtp.yandex.ru", "smtp.qq.com", "smtp.163.com", "smtp-relay.brevo.com",
    "smtp.postmarkapp.com", "smtp.mail.yahoo.com", "smtp.fastmail.com", "smtp.mail.me.com",
  ]

  private static let all: [Provider] = [
    Provider(
      name: "Gmail", suffixes: ["gmail.com", "google.com", "googlemail.com"],
      login: "Gmail usually wants an app password of 16 letters (account with two-step verification), "
        + "not the account's password.",
      sender: "Gmail sends as the account that logged in, or as an alias confirmed in its settings.",
      connect:
        "Gmail listens on 587 (STARTTLS) and 465 (implicit TLS); its relay wants a full domain name in "
        + "`ehlo`."
    ),
    Provider(
      name: "Microsoft 365", suffixes: ["office365.com", "outlook.com", "hotmail.com", "live.com"],
      login: "Microsoft 365 often has SMTP AUTH switched off for the tenant or the mailbox; "
        + "`auth.username` is the full address (UPN), and accounts may need `auth.mechanism: XOAUTH2`.",
      sender: "Microsoft 365 wants the sender to be the mailbox that logged in, or one it may send as.",
      connect: "Microsoft 365 takes submissions on 587 with STARTTLS only; nothing listens on 465, "
        + "and a mailbox may hold three connections at most."),
    Provider(
      name: "Amazon SES", suffixes: ["amazonaws.com"],
      login: "Amazon SES wants SMTP credentials made for this very region: a user of 20 characters (AKIA…), "
        + "and a password that is not the secret access key.",
      sender:
        "Amazon SES sends only from addresses or domains verified in this region, and in the sandbox only "
        + "to such.",
      connect: "Amazon SES also listens on 2587 (STARTTLS) and 2465 (implicit TLS); EC2 throttles port 25.",
      userRule: { user in
        user.utf8.count == 20 && user.hasPrefix("AK")
          ? nil : "an SES user name has 20 characters and begins with AKIA; this one does not"
      }),
    Provider(
      name: "SendGrid", suffixes: ["sendgrid.net"],
      login: "SendGrid's user is the very word `apikey`, and the password an API key that begins with SG.",
      sender: "SendGrid sends only from verified sender identities.",
      connect: "SendGrid also listens on 2525.",
      userRule: { $0 == "apikey" ? nil : "SendGrid's user is the very word apikey" }),
    Provider(
      name: "Mailgun", suffixes: ["mailgun.org"],
      login:
        "Mailgun's user is a full address such as postmaster@your.domain, with that credential's own "
        + "password.",
      sender: "Mailgun's sandbox domains reach authorized recipients only.",
      connect: "Mailgun also listens on 2525; domains in the EU use smtp.eu.mailgun.org.",
      userRule: { $0.contains("@") ? nil : "Mailgun's user is a full address" }),
    Provider(
      name: "Plunk", suffixes: ["useplunk.com"],
      login: "Plunk's user is the very word `plunk`, and the password a secret key that begins with sk_.",
      sender: "Plunk sends only from domains that it has verified.",
      connect: "Plunk listens on 465 (implicit TLS) and 587 (STARTTLS).",
      userRule: { $0 == "plunk" ? nil : "Plunk's user is the very word plunk" }),
    Provider(
      name: "Zoho", suffixes: ["zoho.com", "zoho.eu", "zoho.in", "zoho.com.au", "zoho.com.cn", "zoho.jp"],
      login: "Zoho accounts belong to a region, each with a host of its own (smtp.zoho.eu, smtp.zoho.in …); "
        + "with two-factor login it wants an app-specific password.",
      sender: "Zoho wants the sender to be the account that logged in."),
    Provider(
      name: "Yandex", suffixes: ["yandex.ru", "yandex.com", "yandex.net"],
      login: "Yandex wants an app password, and mail clients allowed in the mailbox's settings.",
      sender: "Yandex wants the sender to be the login, and takes no null sender.",
      connect: "Yandex takes logins inside TLS only."),
    Provider(
      name: "QQ Mail or NetEase", suffixes: ["qq.com", "163.com", "126.com", "yeah.net", "foxmail.com"],
      login: "QQ and 163 want an authorization code (授权码) from the mailbox's settings, not the password.",
      sender: "QQ and 163 want the sender to be the login."),
    Provider(
      name: "Brevo", suffixes: ["brevo.com", "sendinblue.com"],
      login: "Brevo wants an SMTP key, not the account's password, and can limit logins to listed "
        + "addresses."),
  ]
}

extension Inquiry {
  /// What the host's provider is known for, where that bears on the reason.
  func providerAdvice(for reason: Reason) -> String? {
    guard let provider = Providers.of(host: seen.target.host) else { return nil }
    let rule: String?
    switch reason {
    case .authRejected, .authAppPassword, .authDisabled, .authMechanism, .authToken, .configCredentials:
      let user = seen.target.settings.auth?.username ?? ""
      let wrongUser = user.isEmpty ? nil : provider.userRule?(user)
      rule = wrongUser.map { "Likely: \($0). " + (provider.login ?? "") } ?? provider.login
    case .senderRejected, .recipientRejected: rule = provider.sender
    case .connectRefused, .connectTimeout, .connectUnreachable, .egressBlocked, .wrongPort, .bannerTimeout,
      .portSpeaksPlaintext, .portExpectsTls, .ehloRejected, .rateLimited, .authNeedsTls:
      rule = provider.connect
    default: rule = nil
    }
    return rule.map { "Hint for \(provider.name): \($0)" }
  }
}
