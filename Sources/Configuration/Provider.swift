/// What providers want of a login, known by the host's name.
enum Provider {
  /// What is wrong with a user's name at `host`. The name is never shown: people put their key there.
  static func complaint(aboutUser user: String, host: String) -> Complaint? {
    let host = host.lowercased()
    let isAt = { (domain: String) in host == domain || host.hasSuffix(".\(domain)") }
    if isAt("sendgrid.net"), user != "apikey" {
      return Complaint(
        "is not 'apikey'", cure: "at SendGrid the user is the word apikey, the password an API key")
    }
    if isAt("useplunk.com"), user != "plunk" {
      return Complaint(
        "is not 'plunk'", cure: "at Plunk the user is the word plunk, the password a secret key")
    }
    if host.hasPrefix("email-smtp."), isAt("amazonaws.com"), !(user.hasPrefix("AKIA") && user.count == 20) {
      return Complaint(
        "is no SMTP credential of Amazon SES",
        cure: "it has 20 letters from AKIA on; the SES console makes one")
    }
    if isAt("mailgun.org") || isAt("office365.com"), !user.contains("@") {
      return Complaint("has no '@'", cure: "this provider wants the whole address, USER@DOMAIN")
    }
    return nil
  }
}
