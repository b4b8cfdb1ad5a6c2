import Base
import Configuration
package import Model
import SMTP
package import Transfer

/// Keeps an access token at hand for every grant of the configuration: one for all targets that ask alike, got
/// before the last one ends, and away from the probes.
package final class TokenKeeper: Sendable {
  /// What a person should know.
  package enum News: Sendable, Equatable {
    /// No token came; told again only when the reason is another.
    case failed(url: String, TokenFault)
    /// A token came after a failure.
    case recovered(url: String)
    /// The endpoint gave a new refresh token, and the file still has the old one, for this reason.
    case notWritten(url: String, why: String)
  }

  private struct Holding {
    var token: Secret?
    /// The token's end by our own clock, counted from the request for it: endpoints say how long a token lives, so
    /// that nobody's calendar matters.
    var end: MonotonicInstant?
    /// The same by the calendar, for people.
    var expiry: Timestamp?
    var fault: TokenFault? = .pending
    var failures = 0
    var askedAt: MonotonicInstant?
    var isAsking = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    var task: Task<Void, Never>?
  }

  /// A refresh token that the endpoint has replaced.
  private struct Rotation {
    /// What stood in the file.
    var old: Secret
    var new: Secret
    /// Why it stands there still.
    var why: String
  }

  private struct State {
    var holdings: [TokenGrant: Holding] = [:]
    /// By file; those that could not be written.
    var rotations: [String: Rotation] = [:]
    /// There is one as soon as there is something to ask for.
    var client: TransferClient?
  }

  private let state = Locked(State())
  private let userAgent: String
  private let clock: TokenClock
  private let exchange: Exchange?
  private let onNews: @Sendable (News) -> Void

  /// Asks an endpoint.
  package typealias Exchange =
    @Sendable (TransferRequest) async throws(TransferError) -> TransferResponse

  /// A keeper with nothing to keep.
  ///
  /// - Parameter exchange: asks endpoints; nil: a client of its own does.
  package init(
    userAgent: String = "smtpwatch", clock: TokenClock = .system, exchange: Exchange? = nil,
    onNews: @escaping @Sendable (News) -> Void
  ) {
    self.userAgent = userAgent
    self.clock = clock
    self.exchange = exchange
    self.onNews = onNews
  }

  deinit {
    for holding in state.withLock({ $0.holdings.values }) { holding.task?.cancel() }
  }

  /// Keeps tokens for these grants from now on, and for no others.
  package func replace(_ grants: Set<TokenGrant>) {
    let waiting = state.withLock { state in
      var waiting: [CheckedContinuation<Void, Never>] = []
      for (grant, holding) in state.holdings where !grants.contains(grant) {
        holding.task?.cancel()
        waiting += holding.waiting
        state.holdings[grant] = nil
      }
      for grant in grants where state.holdings[grant] == nil {
        state.holdings[grant] = Holding(task: keep(grant))
      }
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// What is at hand for a grant.
  package func state(of grant: TokenGrant) -> TokenState {
    state.withLock { state in
      guard let holding = state.holdings[grant] else { return TokenState() }
      let isOver = holding.end.map { $0 <= clock.now() } ?? false
      return TokenState(
        token: isOver ? nil : holding.token, expiry: holding.expiry, fault: holding.fault,
        unsaved: grant.refreshTokenFile.flatMap { state.rotations[$0]?.why })
    }
  }

  /// Waits until the first request of a grant is over.
  package func firstAnswer(for grant: TokenGrant) async {
    await withCheckedContinuation { continuation in
      let waits = state.withLock { state in
        guard state.holdings[grant]?.fault == .pending else { return false }
        state.holdings[grant]?.waiting.append(continuation)
        return true
      }
      if !waits { continuation.resume() }
    }
  }

  /// A mail server refuses the grant's token: it may have been revoked, and another is got, though not too often.
  package func renew(_ grant: TokenGrant) {
    state.withLock { state in
      guard let holding = state.holdings[grant], holding.token != nil, !holding.isAsking,
        let askedAt = holding.askedAt, askedAt.duration(to: clock.now()) >= TokenTiming.betweenRenewals
      else { return }
      holding.task?.cancel()
      state.holdings[grant]?.task = keep(grant)
    }
  }

  private func keep(_ grant: TokenGrant) -> Task<Void, Never> {
    Task.detached { [weak self, clock] in
      while !Task.isCancelled {
        // A request that is under way is not cancelled: the endpoint may have replaced the refresh token.
        guard let pause = await Task.detached(operation: { [weak self] in await self?.ask(grant) }).value
        else { return }
        guard await clock.pause(pause) else { return }
      }
    }
  }

  // MARK: One request

  /// Asks once; when to ask again.
  private func ask(_ grant: TokenGrant) async -> Duration {
    let (start, time) = (clock.now(), clock.time())
    state.withLock { state in
      state.holdings[grant]?.askedAt = start
      state.holdings[grant]?.isAsking = true
    }
    do throws(TokenFault) {
      let (token, lifetime) = try await fetch(grant)
      let hadFailed = settle(grant) { holding in
        defer { (holding.fault, holding.failures) = (nil, 0) }
        holding.token = token
        holding.end = lifetime.map { start.advanced(by: $0) }
        holding.expiry = lifetime.map { time + $0 }
        return holding.failures > 0
      }
      if hadFailed == true { onNews(.recovered(url: grant.url)) }
      return TokenTiming.renewal(lifetime: lifetime)
    } catch {
      let fault = error
      let outcome = settle(grant) { holding in
        defer { holding.fault = fault }
        holding.failures += 1
        return (failures: holding.failures, isNew: holding.fault != fault)
      }
      if outcome?.isNew == true { onNews(.failed(url: grant.url, fault)) }
      return TokenTiming.backOff(failures: outcome?.failures ?? 1)
    }
  }

  /// Notes what a request came to, where its grant is still of the configuration, and lets go who waits.
  private func settle<T>(_ grant: TokenGrant, _ note: (inout Holding) -> T) -> T? {
    let (result, waiting) = state.withLock { state -> (T?, [CheckedContinuation<Void, Never>]) in
      guard var holding = state.holdings[grant] else { return (nil, []) }
      let result = note(&holding)
      let waiting = holding.waiting
      holding.waiting = []
      holding.isAsking = false
      state.holdings[grant] = holding
      return (result, waiting)
    }
    for continuation in waiting { continuation.resume() }
    return result
  }

  private func fetch(
    _ grant: TokenGrant
  ) async throws(TokenFault) -> (token: Secret, lifetime: Duration?) {
    let refreshToken = try refreshToken(of: grant)
    let response: TransferResponse
    do throws(TransferError) {
      let request = TransferRequest(for: grant, refreshToken: refreshToken)
      response = if let exchange { try await exchange(request) } else { try await client().perform(request) }
    } catch {
      throw .unreachable(error.description)
    }
    switch TokenAnswer(response.body) {
    case .token(let token, let lifetime, let newRefreshToken) where response.status == 200:
      if let refreshToken, let newRefreshToken, newRefreshToken != refreshToken {
        keep(newRefreshToken, inPlaceOf: refreshToken, of: grant)
      }
      return (token, lifetime)
    case .refusal(let error, let words):
      let last = state.withLock { $0.holdings[grant]?.token }
      let secrets = [grant.clientSecret, refreshToken, last].compactMap { $0 }
      throw .refused(
        error: Self.shown(error, hiding: secrets, limit: 60),
        words: Self.shown(words, hiding: secrets, limit: 200))
    case .unusable(let words) where response.status == 200: throw .answer(words)
    case .token, .unusable: throw .status(response.status)
    }
  }

  /// What an endpoint wrote, without secrets, fit to be shown.
  private static func shown(_ text: String, hiding secrets: [Secret], limit: Int) -> String {
    let text = secrets.reduce(text) { Redaction($1).redacted($0) }
    let readable = text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : " " }
    return String(readable.prefix(limit))
  }

  private func client() throws(TransferError) -> TransferClient {
    do {
      return try state.withLock { state in
        if let client = state.client { return client }
        let client = try TransferClient(userAgent: userAgent)
        state.client = client
        return client
      }
    } catch {
      throw .local("\(error)")
    }
  }

  // MARK: Refresh tokens

  /// The refresh token as it is now: the file's, unless that is one that the endpoint has replaced.
  private func refreshToken(of grant: TokenGrant) throws(TokenFault) -> Secret? {
    guard let path = grant.refreshTokenFile else { return nil }
    let inFile: Secret
    do throws(SecretFileFault) { inFile = try SecretFile.read(path) } catch { throw .secret("\(error)") }
    let rotation = state.withLock { $0.rotations[path] }
    return rotation?.old == inFile ? rotation?.new : inFile
  }

  /// Keeps a new refresh token: in the file where that is ours to write, else as long as the program runs.
  private func keep(_ new: Secret, inPlaceOf old: Secret, of grant: TokenGrant) {
    guard let path = grant.refreshTokenFile else { return }
    do throws(FileReplacementError) {
      try FileReplacement.replace(path, with: new.bytes + [0x0A])
      state.withLock { $0.rotations[path] = nil }
    } catch {
      let isFirst = state.withLock { state in
        let known = state.rotations[path]
        // What stands in the file is older than the last rotation.
        state.rotations[path] = Rotation(
          old: known?.new == old ? known?.old ?? old : old, new: new, why: "\(error)")
        return known == nil
      }
      if isFirst { onNews(.notWritten(url: grant.url, why: "\(error)")) }
    }
  }
}

extension TokenGrant {
  fileprivate var refreshTokenFile: String? {
    if case .refreshToken(let path) = kind { path } else { nil }
  }
}
