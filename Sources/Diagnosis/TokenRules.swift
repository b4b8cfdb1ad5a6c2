import Model

// Logins with access tokens that have to be got first (RFC 6749).
extension Inquiry {
  /// All went well up to the login, and there was no token for it.
  func tokenMissing(_ fault: TokenFault) -> Verdict {
    let words = text(fault.description, limit: 300)
    guard case .secret = fault else {
      return Verdict(
        .auth, .authToken,
        "The monitor has no access token for the login at \(endpoint): \(clause(words)).",
        evidence: [
          Evidence(.note, "token endpoint \(text(grantURL)): \(words)"),
          Evidence(.note, "all before the login works; this probe did not log in"),
        ])
    }
    var verdict = Verdict(
      .auth, .configCredentials,
      "The monitor has no access token for the login at \(endpoint): \(clause(words)).",
      evidence: [Evidence(.note, words)])
    verdict.remedy = grantRemedy
    return verdict
  }

  /// What to do where no token came, or the mail server refuses the one that did.
  var grantRemedy: String {
    guard case .token(let fault) = seen.fault else {
      return
        "Check `auth.oauth2.scopes` (the token may lack the one for SMTP), and that `auth.username` is the "
        + "user whose token `auth.oauth2` gets: the endpoint gave one, and the mail server refuses it."
    }
    switch fault {
    case .pending: return "Wait a few seconds for the token endpoint, or check `auth.oauth2.token_url`."
    case .unreachable:
      return
        "Check `auth.oauth2.token_url`, `auth.oauth2.ca_file` and the way there (DNS, firewall). The "
        + "monitor asks again by itself."
    case .secret: return "Put a good refresh token into `auth.oauth2.refresh_token_file`."
    case .status, .answer:
      return
        "Check that `auth.oauth2.token_url` is the token endpoint (often .../token), not the page where "
        + "people sign in. The monitor asks again by itself."
    case .refused(let error, _): return remedy(forError: error)
    }
  }

  /// The errors of RFC 6749 section 5.2.
  private func remedy(forError error: String) -> String {
    switch error {
    case "invalid_client":
      "Check `auth.oauth2.client_id` and `auth.oauth2.client_secret_file` (secrets expire too), and try "
        + "the other `auth.oauth2.client_auth`."
    case "invalid_grant":
      "Sign in anew and put the new refresh token into `auth.oauth2.refresh_token_file`: the old one has "
        + "expired, was revoked, or is another client's."
    case "invalid_scope": "Correct `auth.oauth2.scopes`: the endpoint does not give what they ask for."
    case "unauthorized_client", "unsupported_grant_type":
      "Allow this client the grant at the provider, or set `auth.oauth2.grant` to another."
    default: "Check `auth.oauth2` against what the provider says of its token endpoint."
    }
  }

  private var grantURL: String {
    if case .grant(let grant)? = seen.target.settings.auth?.proof { grant.url } else { "" }
  }
}
