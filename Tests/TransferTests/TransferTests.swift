import Base
import Glibc
import Loop
import Model
import Testing

@testable import Transfer

@Suite struct TransferTests {
  /// The server's half of a GET that is answered well.
  private static let answer =
    #"S"HTTP/1.1 200 OK" S"Content-Type: text/plain" S"Content-Length: 6" S"" SL"hello""#

  @Test func fetchesOverHTTPSWithHeadersAndStatus() async throws {
    let server = try Server("T(good) R(GET) \(Self.answer) F")
    var request = try server.request("/path?query=1")
    request.headers = [("X-Asked", "yes")]
    request.notesCertificate = true
    let response = try await outcome(request).get()
    #expect(response.status == 200)
    #expect(response.body == Array("hello\n".utf8))
    #expect(response.header("content-type") == "text/plain")
    let days = try #require(response.certificateExpiry).seconds - Double(WallClock.microseconds()) / 1e6
    #expect((89...91).contains(days / 86_400))
    let heard = await server.heard(1)[0]
    #expect(heard.hasPrefix("GET /path?query=1 HTTP/1.1\r\n"))
    #expect(heard.contains("User-Agent: smtpwatch/test\r\n"))
    #expect(heard.contains("X-Asked: yes\r\n"))
  }

  @Test func errorStatusIsAnAnswer() async throws {
    let server = try Server(#"T(good) R(GET) S"HTTP/1.1 404 Not Found" S"Content-Length: 0" S"" F"#)
    #expect(try await outcome(server.request()).get().status == 404)
  }

  @Test func postsAFormWithBasicCredentials() async throws {
    let server = try Server("T(good) R(POST) \(Self.answer) F")
    var request = try server.request("/token")
    request.body = .form([.init("grant_type", Secret("refresh_token")), .init("token", Secret("a b&c=ü"))])
    request.credentials = .basic(user: "id", password: Secret("pass"))
    _ = try await outcome(request).get()
    let heard = await server.heard(1)[0]
    #expect(heard.contains("Authorization: Basic aWQ6cGFzcw==\r\n"))
    #expect(heard.contains("Content-Type: application/x-www-form-urlencoded\r\n"))
    #expect(heard.hasSuffix("\r\n\r\ngrant_type=refresh_token&token=a+b%26c%3D%C3%BC"))
  }

  @Test func bearerTokenGoesInItsHeader() async throws {
    let server = try Server("T(good) R(GET) \(Self.answer) F")
    var request = try server.request()
    request.credentials = .bearer(user: "", token: Secret("t0ken"))
    _ = try await outcome(request).get()
    #expect(await server.heard(1)[0].contains("Authorization: Bearer t0ken\r\n"))
  }

  @Test(arguments: ["wronghost", "expired", "otherchain", "selfsigned"])
  func untrustedCertificateIsAnError(_ identity: String) async throws {
    let server = try Server("T(\(identity)) R(GET) \(Self.answer) F")
    guard case .certificate(host: "policy.test", let words) = try await failure(server.request()) else {
      Issue.record("not an error of the certificate")
      return
    }
    #expect(!words.isEmpty)
  }

  @Test func authoritiesThatCannotBeReadAreNamed() async throws {
    let server = try Server("T(good) R(GET) \(Self.answer) F")
    var request = try server.request()
    request.caFile = "/nonexistent/ca.pem"
    #expect(try await failure(request) == .authorities(path: "/nonexistent/ca.pem"))
  }

  @Test func bodyBeyondTheLimitIsRefused() async throws {
    let server = try Server(#"T(good) R(GET) S"HTTP/1.1 200 OK" S"" S"0123456789"×400 F"#)
    var request = try server.request()
    request.maxBytes = 1000
    #expect(try await failure(request) == .tooLarge(host: "policy.test", limit: 1000))
  }

  @Test func headerBeyondTheLimitIsRefused() async throws {
    let server = try Server(#"T(good) R(GET) S"HTTP/1.1 200 OK" S"X-Long: 0123456789\r\n"×400 S"" F"#)
    var request = try server.request()
    request.maxBytes = 1000
    #expect(try await failure(request) == .tooLarge(host: "policy.test", limit: 1000))
  }

  @Test func silentServerEndsAtTheTimeLimit() async throws {
    let server = try Server("T(good) H")
    var request = try server.request()
    request.timeout = .seconds(5)
    #expect(try await failure(request) == .timeout(host: "policy.test", .answer))
  }

  @Test func hangingHandshakeEndsAtTheTimeLimit() async throws {
    let server = try Server("RCH H")
    var request = try server.request()
    request.connectTimeout = .seconds(2)
    let error = try await failure(request)
    #expect(error == .timeout(host: "policy.test", .tls))
  }

  @Test func cancelledTransferEndsAtOnce() async throws {
    let server = try Server("T(good) R(GET) H")
    let request = try server.request()
    let task = Task { try await failure(request) }
    task.cancel()
    #expect(try await task.value == .cancelled)
  }

  @Test func transferCancelledHalfwayLetsGoOfItsConnection() throws {
    let (error, end) =
      try EventLoop.run { loop in
        guard let listener = try? Listener(on: .loopback()) else { return (nil, nil) }
        var request = TransferRequest(url: "http://\(listener.address)/")
        request.allowedSchemes = [.http]
        let task = Task { [request] in try await failure(request) }
        guard case .success(let socket) = await listener.accept(on: loop) else { return (nil, nil) }
        let deadline = MonotonicInstant.now().advanced(by: .seconds(20))
        // The request itself comes first: it is under way.
        _ = await socket.receive(into: loop.receiveBuffer, until: deadline, on: loop)
        task.cancel()
        let end = await socket.receive(into: loop.receiveBuffer, until: deadline, on: loop)
        return (try? await task.value, try? end.get())
      } as (TransferError?, Received?)
    #expect(error == .cancelled)
    #expect(end == .endOfStream)
  }

  @Test func refusedConnectionIsNamed() async throws {
    let port: UInt16 = try { try Server("F").port }()
    var request = TransferRequest(url: "https://policy.test:\(port)/")
    // Nobody listens on this address of the host's own.
    request.addresses = [.ipv4(0x7F0F_0F0F)]
    guard case .connect(host: "policy.test", let words) = try await failure(request) else {
      Issue.record("not an error of the connection")
      return
    }
    #expect(words == "Connection refused (ECONNREFUSED)")
  }

  @Test func unknownNameIsNamed() async throws {
    guard case .name(host: "nobody.invalid", _) = try await failure(.init(url: "https://nobody.invalid/"))
    else {
      Issue.record("not an error of the name")
      return
    }
  }

  @Test func brokenAnswerIsNamed() async throws {
    let server = try Server(#"T(good) R(GET) S"HTTP/1.1 200 OK" S"Content-Length: 50" S"" S"short" F"#)
    guard case .broken(host: "policy.test", _) = try await failure(server.request()) else {
      Issue.record("not an error of the answer")
      return
    }
  }

  @Test func plaintextServerIsNoTLS() async throws {
    let server = try Server(#"S"220 mail.test ESMTP" H"#)
    guard case .tls(host: "policy.test", _) = try await failure(server.request()) else {
      Issue.record("not an error of TLS")
      return
    }
  }
}

@Suite struct RedirectTests {
  private static func redirect(to location: String) -> String {
    #"T(good) R(GET) S"HTTP/1.1 302 Found" S"Location: \#(location)" S"Content-Length: 0" S"" F"#
  }
  private static let answer = #"T(good) R(GET) S"HTTP/1.1 200 OK" S"Content-Length: 0" S"" F"#

  @Test func redirectIsNotFollowedAndItsQueryNotShown() async throws {
    let server = try Server(Self.redirect(to: "https://else.test/there?secret=1"))
    let error = try await failure(server.request())
    #expect(error == .redirected(status: 302, location: "https://else.test/there"))
  }

  @Test func redirectWithinTheOriginIsFollowedWithCredentials() async throws {
    let server = try Server(Self.redirect(to: "/there"), Self.answer)
    var request = try server.request()
    request.maxRedirects = 1
    request.credentials = .basic(user: "u", password: Secret("p"))
    #expect(try await outcome(request).get().status == 200)
    let heard = await server.heard(2)
    #expect(heard[1].hasPrefix("GET /there"))
    #expect(heard[1].contains("Authorization: Basic"))
  }

  @Test func redirectElsewhereLosesCredentials() async throws {
    let other = try Server(Self.answer)
    let server = try Server(Self.redirect(to: "https://localhost:\(other.port)/"))
    var request = try server.request()
    request.maxRedirects = 1
    request.headers = [("X-Key", "k")]
    request.credentials = .basic(user: "u", password: Secret("p"))
    #expect(try await outcome(request).get().status == 200)
    let heard = await other.heard(1)[0]
    #expect(!heard.contains("Authorization") && !heard.contains("X-Key"))
  }

  @Test func redirectToAProtocolThatIsNotAllowedIsRefused() async throws {
    let server = try Server(Self.redirect(to: "http://localhost:1/"))
    var request = try server.request()
    request.maxRedirects = 1
    #expect(try await failure(request) == .request("http://localhost:1/: only https is allowed here"))
  }
}

@Suite struct RequestTests {
  @Test func plainHTTPIsRefusedUnlessAllowed() async throws {
    let server = try Server(#"R(GET) S"HTTP/1.1 204 No Content" S"" F"#)
    var request = try server.request(scheme: "http")
    #expect(try await failure(request)?.description.contains("only https is allowed here") == true)
    request.allowedSchemes = [.http, .https]
    #expect(try await outcome(request).get().status == 204)
  }

  @Test func credentialsInTheURLAreRefusedAndNotShown() async throws {
    var request = TransferRequest(url: "https://user:hunter2@policy.test/")
    request.addresses = [.loopback()]
    let error = try await failure(request)
    #expect(error == .request("https://policy.test/: keep user and password out of the URL"))
  }

  @Test(arguments: ["", "https://", "nonsense", "https://a b/"])
  func whatIsNoURLIsRefused(_ text: String) async throws {
    guard case .request = try await failure(TransferRequest(url: text)) else {
      Issue.record("'\(text)' was taken")
      return
    }
  }

  @Test func lineEndsInHeadersAndTokensAreRefused() async throws {
    var request = TransferRequest(url: "https://127.0.0.1/")
    request.headers = [("X", "a\r\nY: b")]
    #expect(try await failure(request) == .request("a header has a line end in it"))
    request.headers = []
    request.credentials = .bearer(user: "", token: Secret("a\nb"))
    #expect(try await failure(request) == .request("the token has a line end in it"))
  }

  @Test func proxyOfTheEnvironmentIsNotAsked() async throws {
    let server = try Server(#"R(GET) S"HTTP/1.1 204 No Content" S"" F"#)
    setenv("http_proxy", "http://127.0.0.1:1", 1)
    defer { unsetenv("http_proxy") }
    var request = try server.request(scheme: "http")
    request.allowedSchemes = [.http]
    #expect(try await outcome(request).get().status == 204)
    request.usesEnvironmentProxy = true
    #expect(try await failure(request) != nil)
  }

  @Test func logsInAndRunsACommandOverIMAP() async throws {
    let server = try Server(
      #"T(good) S"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready" R(A001 CAPABILITY)"#
        + #" S"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR" S"A001 OK" R(A002 AUTHENTICATE PLAIN) S"A002 OK""#
        + #" R(A003 SELECT) S"* 1 EXISTS" S"A003 OK" R(A004 SEARCH) S"* SEARCH 7" S"A004 OK" R(A005 LOGOUT)"#
        + #" S"* BYE" S"A005 OK" F"#)
    var request = try server.request("/INBOX", scheme: "imaps")
    request.allowedSchemes = [.imaps]
    request.credentials = .basic(user: "u", password: Secret("p"))
    request.command = "SEARCH UNSEEN"
    let response = try await outcome(request, of: fresh()).get()
    #expect(String(decoding: response.lines, as: UTF8.self).contains("* SEARCH 7\r\n"))
  }

  @Test func refusedLoginOverIMAPIsNamed() async throws {
    let server = try Server(
      #"T(good) S"* OK ready" R(A001 CAPABILITY) S"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR" S"A001 OK""#
        + #" R(A002 AUTHENTICATE PLAIN) S"A002 NO" H"#)
    var request = try server.request("/INBOX", scheme: "imaps")
    request.allowedSchemes = [.imaps]
    request.credentials = .basic(user: "u", password: Secret("hunter2"))
    let error = try await failure(request, of: fresh())
    #expect(error == .loginRefused(host: "policy.test"))
  }

  @Test(
    arguments: [
      (
        "XOAUTH2", "NO [AUTHENTICATIONFAILED] no: hunter2",
        .loginRefused(host: "policy.test", code: "AUTHENTICATIONFAILED")
      ),
      ("OAUTHBEARER", "NO [unheard of] no", .loginRefused(host: "policy.test")),
      ("XOAUTH2", "NO [UNAVAILABLE] later", .loginUnavailable(host: "policy.test")),
    ] as [(String, String, TransferError)])
  func refusedTokensOverIMAPAreNamedByTheServersCode(
    _ mechanism: String, _ reply: String, _ expected: TransferError
  ) async throws {
    let server = try Server(
      #"T(good) S"* OK ready" R(A001 CAPABILITY) S"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=\#(mechanism) SASL-IR" S"A001 OK""#
        + #" R(A002 AUTHENTICATE \#(mechanism)) S"A002 \#(reply)" H"#)
    let error = try await failure(tokenRequest(server), of: fresh())
    #expect(error == expected)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func anIMAPServerWithoutTokensIsNamed() async throws {
    let server = try Server(
      #"T(good) S"* OK ready" R(A001 CAPABILITY) S"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH25 SASL-IR" S"A001 OK" H"#
    )
    let error = try await failure(tokenRequest(server), of: fresh())
    #expect(error == .tokensUnknown(host: "policy.test"))
  }

  private func tokenRequest(_ server: borrowing Server) throws -> TransferRequest {
    var request = try server.request("/INBOX", scheme: "imaps")
    request.allowedSchemes = [.imaps]
    request.credentials = .bearer(user: "u", token: Secret("hunter2"))
    return request
  }

  @Test func responseShowsNoContent() {
    let response = TransferResponse(status: 200, headers: [], lines: [], body: Array("token".utf8))
    #expect("\(response)" == "status 200, 5 bytes")
  }

  @Test func expiryIsReadFromTheLibrarysLine() {
    #expect(
      Timestamp(expiryLine: "Expire date:Feb  3 13:07:05 2027 GMT")?.rfc3339 == "2027-02-03T13:07:05.000Z")
    #expect(Timestamp(expiryLine: "Start date:Feb  3 13:07:05 2027 GMT") == nil)
    #expect(Timestamp(expiryLine: "Expire date:soon") == nil)
  }
}
