import Base
import Model
import OAuth
import Testing
import Transfer

private let clientSecret = "client+secret/4711"

private func grant(_ kind: TokenGrant.Kind = .clientCredentials) -> TokenGrant {
  TokenGrant(
    url: "https://id.example.com/token", kind: kind, clientID: "client", clientSecret: Secret(clientSecret),
    clientProof: .post, scopes: ["imap"], caFile: nil)
}

private func token(_ token: String, lasts seconds: Int = 3600, refresh: String? = nil) -> (Int, String) {
  let more = refresh.map { #","refresh_token":"\#($0)""# } ?? ""
  return (200, #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":\#(seconds)\#(more)}"#)
}

private func refusal(_ words: String) -> (Int, String) {
  (400, #"{"error":"invalid_grant","error_description":"\#(words)"}"#)
}

@Test func `a token is at hand after the first answer, and replaced before it ends`() async throws {
  let endpoint = Endpoint()
  endpoint.will(.success(token("first")), .success(token("second")))
  let keeper = endpoint.keeper()
  keeper.replace([grant()])
  await keeper.firstAnswer(for: grant())
  let first = keeper.state(of: grant())
  #expect(first.token == Secret("first") && first.fault == nil)
  #expect(first.expiry == Endpoint.epoch + .seconds(3600))
  #expect(
    endpoint.requests == [
      [
        "grant_type": "client_credentials", "scope": "imap", "client_id": "client",
        "client_secret": clientSecret,
      ]
    ])
  #expect(await endpoint.nextPause() == .seconds(3300))
  endpoint.advance(by: .seconds(3299))
  #expect(keeper.state(of: grant()).token == Secret("first"))
  endpoint.advance(by: .seconds(1))
  #expect(await endpoint.nextPause() == .seconds(3300))
  #expect(keeper.state(of: grant()).token == Secret("second"))
  #expect(keeper.state(of: grant()).expiry == Endpoint.epoch + .seconds(3300 + 3600))
  #expect(endpoint.news.withLock(\.self) == [])
}

@Test
func `failures are asked again ever more rarely, told once, and the old token stays as long as it is good`()
  async throws
{
  let endpoint = Endpoint()
  endpoint.will(
    .success(token("old", lasts: 600)), .failure(.connect(host: "id.example.com", words: "refused")),
    .failure(.connect(host: "id.example.com", words: "refused")), .success((503, "later")),
    .success(token("new", lasts: 600)))
  let keeper = endpoint.keeper()
  keeper.replace([grant()])
  #expect(await endpoint.nextPause() == .seconds(480))
  var waited = Duration.seconds(480)
  for pause in [5, 10, 20] {
    endpoint.advance(by: waited)
    #expect(await endpoint.nextPause() == .seconds(pause))
    waited = .seconds(pause)
    #expect(keeper.state(of: grant()).token == Secret("old"))
    #expect(keeper.state(of: grant()).fault != nil)
  }
  // 495 s have passed; the token is good for 600.
  let told = endpoint.news.withLock(\.self)
  #expect(told.count == 2, "the same failure is told once: \(told)")
  endpoint.advance(by: .seconds(20))
  #expect(await endpoint.nextPause() == .seconds(480))
  #expect(keeper.state(of: grant()).token == Secret("new") && keeper.state(of: grant()).fault == nil)
  #expect(endpoint.news.withLock(\.last) == .recovered(url: grant().url))
}

@Test func `a token that has ended is given to nobody`() async throws {
  let endpoint = Endpoint()
  endpoint.will(.success(token("old", lasts: 60)), .failure(.timeout(host: "id.example.com", .answer)))
  let keeper = endpoint.keeper()
  keeper.replace([grant()])
  #expect(await endpoint.nextPause() == .seconds(48))
  endpoint.advance(by: .seconds(48))
  #expect(await endpoint.nextPause() == .seconds(5))
  #expect(keeper.state(of: grant()).token == Secret("old"))
  endpoint.advance(by: .milliseconds(4900))
  #expect(keeper.state(of: grant()).token == Secret("old"))
  endpoint.advance(by: .seconds(8))
  #expect(keeper.state(of: grant()).token == nil)
  #expect(keeper.state(of: grant()).expiry == Endpoint.epoch + .seconds(60))
}

@Test func `a mail server's refusal has the token replaced, but not again within a minute`() async throws {
  let endpoint = Endpoint()
  endpoint.will(.success(token("revoked")), .success(token("fresh")))
  let keeper = endpoint.keeper()
  keeper.replace([grant()])
  #expect(await endpoint.nextPause() == .seconds(3300))
  endpoint.advance(by: .seconds(59))
  keeper.renew(grant())
  #expect(endpoint.requests.count == 1)
  endpoint.advance(by: .seconds(1))
  keeper.renew(grant())
  #expect(await endpoint.nextPause() == .seconds(3300))
  #expect(keeper.state(of: grant()).token == Secret("fresh"))
  keeper.renew(grant())
  #expect(endpoint.requests.count == 2)
}

@Test func `a refresh token that is replaced is written down, and the next request has it`() async throws {
  let file = try TokenFile("refresh-1")
  let endpoint = Endpoint()
  let grant = grant(.refreshToken(file: file.path))
  endpoint.will(.success(token("a", refresh: "refresh-2")), .success(token("b")))
  let keeper = endpoint.keeper()
  keeper.replace([grant])
  #expect(await endpoint.nextPause() == .seconds(3300))
  #expect(file.text == "refresh-2\n")
  endpoint.advance(by: .seconds(3300))
  #expect(await endpoint.nextPause() == .seconds(3300))
  #expect(endpoint.requests.map { $0["refresh_token"] } == ["refresh-1", "refresh-2"])
  #expect(endpoint.requests.allSatisfy { $0["grant_type"] == "refresh_token" })
}

@Test func `a refresh token that cannot be written down goes on in memory, which is told until it can`()
  async throws
{
  let file = try TokenFile("refresh-1")
  let link = try TokenFile(linkTo: file)
  let endpoint = Endpoint()
  let grant = grant(.refreshToken(file: link.path))
  endpoint.will(
    .success(token("a", refresh: "refresh-2")), .success(token("b", refresh: "refresh-3")),
    .success(token("c", refresh: "refresh-4")))
  let keeper = endpoint.keeper()
  keeper.replace([grant])
  #expect(await endpoint.nextPause() == .seconds(3300))
  let why = try #require(keeper.state(of: grant).unsaved)
  #expect(why.contains("is a link") && keeper.state(of: grant).token == Secret("a"))
  endpoint.advance(by: .seconds(3300))
  #expect(await endpoint.nextPause() == .seconds(3300))
  #expect(keeper.state(of: grant).unsaved == why && file.text == "refresh-1\n")
  #expect(endpoint.news.withLock(\.self) == [.notWritten(url: grant.url, why: why)])
  // Somebody puts a file in the link's place, with what stood behind it.
  try link.becomeFile("refresh-1")
  endpoint.advance(by: .seconds(3300))
  #expect(await endpoint.nextPause() == .seconds(3300))
  #expect(keeper.state(of: grant).unsaved == nil && link.text == "refresh-4\n")
  #expect(endpoint.requests.map { $0["refresh_token"] } == ["refresh-1", "refresh-2", "refresh-3"])
}

@Test func `what an endpoint repeats of secrets is shown nowhere`() async throws {
  let file = try TokenFile("refresh-9876543")
  let endpoint = Endpoint()
  let grant = grant(.refreshToken(file: file.path))
  endpoint.will(.success(refusal("refresh-9876543 of \(clientSecret) is \\u0007spent")))
  let keeper = endpoint.keeper()
  keeper.replace([grant])
  await keeper.firstAnswer(for: grant)
  let fault = try #require(keeper.state(of: grant).fault)
  guard case .refused(let error, let words) = fault else { return #expect(Bool(false), "\(fault)") }
  #expect(error == "invalid_grant" && words.contains("spent"))
  let shown = "\(fault) \(endpoint.news.withLock(\.self))"
  #expect(!shown.contains("9876543") && !shown.contains("4711") && !shown.contains("\u{7}"))
}

@Test(arguments: [
  (#"{"access_token":"x","token_type":"mac"}"#, 200, "its token_type is not Bearer"),
  (#"{"token_type":"Bearer"}"#, 200, "it has no access_token"), ("<html>", 200, "it is no JSON object"),
  ("<html>", 502, "answers with the status 502"),
])
func `an answer that is no token says what is wrong`(body: String, status: Int, words: String) async {
  let endpoint = Endpoint()
  endpoint.will(.success((status, body)))
  let keeper = endpoint.keeper()
  keeper.replace([grant()])
  await keeper.firstAnswer(for: grant())
  #expect(keeper.state(of: grant()).token == nil)
  #expect("\(keeper.state(of: grant()).fault.map { "\($0)" } ?? "")".contains(words))
}

@Test func `a grant that leaves the configuration lets go who waits, and is forgotten`() async throws {
  let endpoint = Endpoint()
  endpoint.will(.success(token("a")))
  let keeper = endpoint.keeper()
  keeper.replace([grant()])
  #expect(await endpoint.nextPause() == .seconds(3300))
  keeper.replace([])
  await keeper.firstAnswer(for: grant())
  #expect(keeper.state(of: grant()) == TokenState())
}
