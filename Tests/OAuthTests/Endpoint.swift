import Base
import Foundation
import Model
import OAuth

@testable import Transfer

/// A token endpoint that says what it is told to, and a clock that a test moves: nothing waits for real.
final class Endpoint: Sendable {
  private struct State {
    var now: Duration = .zero
    var answers: [Result<(status: Int, body: String), TransferError>] = []
    var requests: [[String: String]] = []
    var sleeper: (end: Duration, wake: CheckedContinuation<Bool, Never>)?
  }

  /// 2026-11-23T10:00:00Z.
  static let epoch = Timestamp(seconds: 1_795_428_000)

  private let state = Locked(State())
  private let pauses: AsyncStream<Duration>
  private let paused: AsyncStream<Duration>.Continuation
  let news = Locked<[TokenKeeper.News]>([])

  init() { (pauses, paused) = AsyncStream<Duration>.makeStream() }

  func keeper() -> TokenKeeper {
    let clock = TokenClock(
      now: { [state] in MonotonicInstant(nanoseconds: 0).advanced(by: state.withLock(\.now)) },
      time: { [state] in Self.epoch + state.withLock(\.now) },
      pause: { [self] in await pause($0) })
    return TokenKeeper(
      clock: clock, exchange: { [self] request throws(TransferError) in try answer(request) }
    ) {
      [news] piece in news.withLock { $0.append(piece) }
    }
  }

  // MARK: Answers

  /// Answers that come next, in this order.
  func will(_ answers: Result<(status: Int, body: String), TransferError>...) {
    state.withLock { $0.answers += answers }
  }

  /// The fields of the requests so far.
  var requests: [[String: String]] { state.withLock(\.requests) }

  private func answer(_ request: TransferRequest) throws(TransferError) -> TransferResponse {
    var fields: [String: String] = [:]
    if case .form(let form) = request.body {
      for field in form { fields[field.name] = String(decoding: field.value.bytes, as: UTF8.self) }
    }
    let next = state.withLock { state in
      state.requests.append(fields)
      return state.answers.isEmpty ? .failure(.cancelled) : state.answers.removeFirst()
    }
    let (status, body) = try next.get()
    return TransferResponse(status: status, headers: [], lines: [], body: Array(body.utf8))
  }

  // MARK: Time

  /// How long the keeper rests, once it does.
  func nextPause() async -> Duration? {
    var iterator = pauses.makeAsyncIterator()
    return await iterator.next()
  }

  /// Lets time pass, which ends a rest that is over by then.
  func advance(by duration: Duration) {
    let due = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      state.now += duration
      guard let sleeper = state.sleeper, sleeper.end <= state.now else { return nil }
      state.sleeper = nil
      return sleeper.wake
    }
    due?.resume(returning: true)
  }

  private func pause(_ duration: Duration) async -> Bool {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { $0.sleeper = ($0.now + duration, continuation) }
        paused.yield(duration)
      }
    } onCancel: {
      state.withLock { $0.sleeper.take() }?.wake.resume(returning: false)
    }
  }
}

/// A file with a refresh token, gone at the end.
final class TokenFile: Sendable {
  let path: String

  init(_ token: String) throws {
    path = try Self.place()
    try write(token)
  }

  /// A link to another, as secrets are handed out to containers.
  init(linkTo other: TokenFile) throws {
    path = try Self.place()
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other.path)
  }

  private static func place() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "oauth-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder + "/token"
  }

  /// A file with a token stands in a link's place.
  func becomeFile(_ token: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try write(token)
  }

  private func write(_ token: String) throws {
    try Data("\(token)\n".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

  var text: String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
