import Base
import CCrypt
import Testing

@testable import HTTP

/// A clock that stands until it is moved.
private final class HandClock: Sendable {
  private let moment = Locked(MonotonicInstant(nanoseconds: 1_000_000_000_000))

  @Sendable func now() -> MonotonicInstant { moment.withLock { $0 } }

  func advance(_ duration: Duration) { moment.withLock { $0 = $0.advanced(by: duration) } }
}

/// bcrypt of `secret`, with the least cost.
private let secretHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"

private func request(
  _ login: String? = nil, client: ClientAddress? = .ipv4(0x7F00_0001), scheme: String = "Basic"
) -> Request {
  let headers: Headers = login.map { ["Authorization": "\(scheme) \(base64($0))"] } ?? [:]
  guard var request = Request(method: "GET", rawPath: "/", headers: headers) else {
    fatalError("'/' is a path")
  }
  request.client = client
  return request
}

private func base64(_ text: String) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  let bytes = Array(text.utf8)
  return stride(from: 0, to: bytes.count, by: 3).map { start in
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    return (0..<4).map { $0 <= group.count ? String(digits[bits >> (18 - 6 * $0) & 63]) : "=" }.joined()
  }.joined()
}

extension Doorkeeper {
  /// The answer, whenever it comes.
  fileprivate func say(_ request: Request) async -> Response { await Self.settle(answer(request)) }

  private static func settle(_ reply: Reply) async -> Response {
    switch reply {
    case .now(let response): response
    case .later(let begin):
      await withCheckedContinuation { continuation in begin { continuation.resume(returning: $0) } }
    case .stream(_, let head): head
    case .undecided(let begin):
      await settle(
        await withCheckedContinuation { continuation in begin { continuation.resume(returning: $0) } })
    }
  }
}

private func keeper(
  clock: HandClock = HandClock(), counts: RequestCounts = RequestCounts(),
  _ change: (inout WebConfiguration) -> Void
) -> Doorkeeper {
  var configuration = WebConfiguration()
  change(&configuration)
  return Doorkeeper(configuration, counts: counts, now: clock.now) { _ in .now(.text("inside")) }
}

@Test func `without users everybody comes in`() async {
  #expect(await keeper { _ in }.say(request()).status == 200)
}

@Test func `who knows the password comes in, again and again`() async {
  let keeper = keeper { $0.users = ["bob": secretHash] }
  for _ in 0..<3 { #expect(await keeper.say(request("bob:secret")).status == 200) }
  #expect(await keeper.say(request("bob:secret", scheme: "basic")).status == 200)
}

@Test(arguments: [nil, "bob:wrong", "bob:", "eve:secret", ":", "bob", "bob:secret\0x", "BOB:secret"])
func `nobody else does`(login: String?) async {
  let keeper = keeper { $0.users = ["bob": secretHash] }
  for _ in 0..<2 {
    let response = await keeper.say(request(login))
    #expect(response.status == 401)
    #expect(response.headers["WWW-Authenticate"]?.hasPrefix("Basic realm=") == true)
  }
}

@Test func `another scheme and broken base64 are no logins`() async {
  let keeper = keeper { $0.users = ["bob": secretHash] }
  #expect(await keeper.say(request("bob:secret", scheme: "Bearer")).status == 401)
  var broken = request()
  broken.headers["Authorization"] = "Basic ****"
  #expect(await keeper.say(broken).status == 401)
}

@Test func `a reply that comes later comes through the door`() async {
  var configuration = WebConfiguration()
  configuration.users = ["bob": secretHash]
  let keeper = Doorkeeper(configuration) { _ in .later { answer in Task.detached { answer(.text("late")) } } }
  #expect(await keeper.say(request("bob:secret")).body == Array("late\n".utf8))
}

@Test func `new users count at once, old ones no longer`() async {
  let keeper = keeper { $0.users = ["bob": secretHash] }
  #expect(await keeper.say(request("bob:secret")).status == 200)
  var configuration = WebConfiguration()
  configuration.users = ["eve": secretHash]
  keeper.adopt(configuration)
  #expect(await keeper.say(request("bob:secret")).status == 401)
  #expect(await keeper.say(request("eve:secret")).status == 200)
}

@Test func `guesses are rationed by client, and a good login is not`() async {
  let clock = HandClock()
  let keeper = keeper(clock: clock) { $0.users = ["bob": secretHash] }
  for guess in 0..<10 { #expect(await keeper.say(request("bob:\(guess)")).status == 401) }
  let held = await keeper.say(request("bob:11"))
  #expect(held.status == 429)
  #expect(held.headers["Retry-After"] == "7")
  // Somebody else is not held up, and who is known is not either.
  #expect(await keeper.say(request("bob:secret", client: .ipv4(0x7F00_0002))).status == 200)
  #expect(await keeper.say(request("bob:secret")).status == 200)
  // What was wrong before is wrong still, and costs nothing.
  #expect(await keeper.say(request("bob:1")).status == 401)
  clock.advance(.seconds(6))
  #expect(await keeper.say(request("bob:12")).status == 401)
  #expect(await keeper.say(request("bob:13")).status == 429)
}

@Test func `right passwords are not counted as guesses`() async {
  let users = Dictionary(uniqueKeysWithValues: (0..<30).map { ("user\($0)", secretHash) })
  let keeper = keeper { $0.users = users }
  for user in users.keys { #expect(await keeper.say(request("\(user):secret")).status == 200) }
}

@Test func `who does not exist costs as much as the dearest who does, and fits no password`() {
  let dear = "$2y$09$" + secretHash.dropFirst(7)
  let decoy = BasicAuth.decoy(among: ["a": secretHash, "b": dear])
  #expect(decoy.hasPrefix("$2b$09$"))
  // It is computed to its end: what the library cannot use comes back at once, as `*0`.
  let computed = String(cString: crypt("secret", decoy))
  #expect(computed.hasPrefix("$2b$09$") && computed.count == decoy.count)
  #expect(computed != decoy)
}

@Test func `a rate limit lets a burst through, and then one at a time`() async {
  let clock = HandClock()
  let counts = RequestCounts()
  let keeper = keeper(clock: clock, counts: counts) {
    $0.rateLimit = RateLimit(interval: .seconds(2), burst: 3)
  }
  for _ in 0..<3 { #expect(await keeper.say(request()).status == 200) }
  let refused = await keeper.say(request())
  #expect(refused.status == 429)
  #expect(refused.headers["Retry-After"] != nil)
  clock.advance(.seconds(2))
  #expect(await keeper.say(request()).status == 200)
  #expect(await keeper.say(request()).status == 429)
  #expect(counts.all.map(\.count) == [2])
  clock.advance(.seconds(600))
  for _ in 0..<3 { #expect(await keeper.say(request()).status == 200) }
  #expect(await keeper.say(request()).status == 429)
}

@Test func `headers of the configuration go before the program's, also where somebody is turned away`() async
{
  let keeper = keeper {
    $0.users = ["bob": secretHash]
    $0.headers = [("Strict-Transport-Security", "max-age=9"), ("X-Frame-Options", "sameorigin")]
  }
  for login in ["bob:secret", "bob:wrong"] {
    let headers = await keeper.say(request(login)).headers
    #expect(headers["Strict-Transport-Security"] == "max-age=9")
    #expect(headers["X-Frame-Options"] == "sameorigin")
    #expect(headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'")
  }
}
