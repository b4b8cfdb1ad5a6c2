import Base
import Configuration
import Model
import Transfer
import Web

/// Fetches the lists of `target_urls`, each at its own interval.
final class ListFetcher: Sendable {
  /// Told of every answer, by the list's name.
  typealias Handler = @Sendable (String, FetchedList) -> Void

  private struct State {
    var sources: [TargetURL] = []
    var tasks: [String: Task<Void, Never>] = [:]
    /// There is one as soon as there is something to fetch.
    var client: TransferClient?
  }

  private let state = Locked(State())
  private let onAnswer: Handler

  /// More than a hundred thousand targets.
  private static let mostBytes = 32 << 20
  private static let mostRedirects = 3

  /// A fetcher that has nothing to fetch.
  init(onAnswer: @escaping Handler) { self.onAnswer = onAnswer }

  deinit {
    for task in state.withLock({ $0.tasks.values }) { task.cancel() }
  }

  /// Fetches these from now on, and no others.
  func replace(_ sources: [TargetURL]) {
    state.withLock { state in
      for old in state.sources where !sources.contains(old) {
        state.tasks.removeValue(forKey: old.name)?.cancel()
      }
      for new in sources where !state.sources.contains(new) { state.tasks[new.name] = follow(new) }
      state.sources = sources
    }
  }

  private func follow(_ source: TargetURL) -> Task<Void, Never> {
    Task.detached { [weak self] in
      while !Task.isCancelled {
        guard let answer = await self?.fetch(source), !Task.isCancelled else { return }
        self?.onAnswer(source.name, answer)
        do { try await Task.sleep(for: source.interval) } catch { return }
      }
    }
  }

  private func fetch(_ source: TargetURL) async -> FetchedList {
    do {
      let response = try await client().perform(Self.request(source))
      guard response.status == 200 else {
        return .failed("the server answers with the status \(response.status)")
      }
      guard response.body.first(where: { !Self.blanks.contains($0) }) == UInt8(ascii: "[") else {
        return .failed("what the server answers is no list in JSON; a list without targets is []")
      }
      return .text(Secret(response.body))
    } catch {
      return .failed("\(error)")
    }
  }

  private static let blanks = Set(" \t\r\n".utf8)

  private func client() throws -> TransferClient {
    try state.withLock { state in
      if let client = state.client { return client }
      let client = try TransferClient(userAgent: "smtpwatch/\(Version.facts.version)")
      state.client = client
      return client
    }
  }

  private static func request(_ source: TargetURL) -> TransferRequest {
    var request = TransferRequest(url: source.url)
    request.allowedSchemes = [.https, .http]
    // As Prometheus asks.
    request.headers = [
      ("Accept", "application/json"),
      ("X-Prometheus-Refresh-Interval-Seconds", "\(source.interval.components.seconds)"),
    ]
    if let login = source.login {
      request.credentials =
        login.username.map { .basic(user: $0, password: login.secret) }
        ?? .bearer(user: "", token: login.secret)
    }
    request.caFile = source.caFile
    request.timeout = source.timeout
    request.connectTimeout = source.timeout
    request.maxBytes = mostBytes
    request.maxRedirects = mostRedirects
    return request
  }
}
