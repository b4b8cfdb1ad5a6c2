/// What a good server answers (RFC 5321 section 4.3.2): any login, any envelope, any message.
struct Answers: Sendable {
  let host: String

  /// What the answer to the next line depends on.
  struct State {
    fileprivate var isInMessage = false
    /// Lines of a login that are still to come.
    fileprivate var loginLines = 0
  }

  /// What follows an answer.
  enum Next {
    case goOn, startTLS, close
  }

  /// The reply to EHLO, without some of its keywords; STARTTLS is offered in clear only.
  func ehlo(without omitted: [String], isSecured: Bool) -> [UInt8] {
    let keywords = ["SIZE 1000000", "STARTTLS", "AUTH PLAIN LOGIN", "8BITMIME"]
    let lines =
      [host]
      + keywords.filter { keyword in
        let name = keyword.prefix { $0 != " " }
        return !omitted.contains { $0 == name } && !(isSecured && name == "STARTTLS")
      }
    return reply(250, lines)
  }

  /// The answer to a line.
  func answer(_ line: [UInt8], _ state: inout State, isSecured: Bool) -> (reply: [UInt8]?, next: Next) {
    let text = String(decoding: line, as: UTF8.self)
    if state.isInMessage {
      guard text == "." else { return (nil, .goOn) }
      state.isInMessage = false
      return (reply(250, ["2.0.0 queued as SCRIPTED"]), .goOn)
    }
    if state.loginLines > 0 {
      state.loginLines -= 1
      return (state.loginLines > 0 ? challenge("UGFzc3dvcmQ6") : welcome, .goOn)
    }
    let words = text.uppercased().split(separator: " ")
    switch words.first {
    case "EHLO", "LHLO": return (ehlo(without: [], isSecured: isSecured), .goOn)
    case "HELO": return (reply(250, [host]), .goOn)
    case "STARTTLS" where !isSecured: return (reply(220, ["2.0.0 Ready to start TLS"]), .startTLS)
    case "AUTH": return (login(words.dropFirst(), &state), .goOn)
    case "MAIL", "RCPT", "RSET", "NOOP": return (reply(250, ["2.1.0 Ok"]), .goOn)
    case "DATA":
      state.isInMessage = true
      return (reply(354, ["End data with <CR><LF>.<CR><LF>"]), .goOn)
    case "QUIT": return (reply(221, ["2.0.0 Bye"]), .close)
    default: return (reply(500, ["5.5.1 Error: command not recognized"]), .goOn)
    }
  }

  private func login(_ words: ArraySlice<Substring>, _ state: inout State) -> [UInt8] {
    switch words.first {
    case "PLAIN" where words.count == 2: return welcome
    case "PLAIN":
      state.loginLines = 1
      return challenge("")
    case "LOGIN":
      state.loginLines = words.count == 2 ? 1 : 2
      return challenge(words.count == 2 ? "UGFzc3dvcmQ6" : "VXNlcm5hbWU6")
    default: return reply(504, ["5.5.4 Unrecognized authentication type"])
    }
  }

  private var welcome: [UInt8] { reply(235, ["2.7.0 Authentication successful"]) }

  private func challenge(_ text: String) -> [UInt8] { reply(334, [text]) }

  private func reply(_ code: Int, _ lines: [String]) -> [UInt8] {
    let last = lines.count - 1
    return Array(lines.enumerated().map { "\(code)\($0 == last ? " " : "-")\($1)\r\n" }.joined().utf8)
  }
}
