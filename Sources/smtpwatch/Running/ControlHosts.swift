import Base
import Configuration
import DNS
import Loop
import Monitor

/// The hosts of `network_check`: they tell whether the monitor's own network is there.
final class ControlHosts: Sendable {
  private let hosts = Locked<[HostPort]>([])
  private let resolver: Resolver

  /// How long a host has to answer, its name included.
  private static let patience: Duration = .seconds(3)

  init(resolver: Resolver) { self.resolver = resolver }

  /// Takes the hosts of a new configuration.
  func replace(_ hosts: [HostPort]) { self.hosts.withLock { $0 = hosts } }

  /// Connects to all of them at once.
  func reach(on loop: EventLoop) async -> NetworkState {
    let hosts = hosts.withLock { $0 }
    let until = MonotonicInstant.now().advanced(by: Self.patience)
    let visits = hosts.map { host in
      Task(executorPreference: loop.executor) { await self.visit(host, until: until, on: loop) }
    }
    var answers: [(host: String, answer: ControlAnswer)] = []
    for (host, visit) in zip(hosts, visits) {
      answers.append((host.description, await visit.value))
      if answers.last?.answer == .answered { break }
    }
    return NetworkState(answers)
  }

  private func visit(
    _ host: HostPort, until: MonotonicInstant, on loop: isolated EventLoop
  ) async -> ControlAnswer {
    do throws(DNSError) {
      let found = try await resolver.addresses(of: host.host, port: UInt16(host.port), until: until, on: loop)
      guard let address = found.addresses.first else { return .failed }
      return await connect(to: address, until: until, on: loop)
    } catch {
      switch error {
      case .local, .ended: return .unknown
      case .notFound, .noAddress, .acceptsNoMail, .refused, .timeout, .malformed: return .failed
      }
    }
  }

  private func connect(
    to address: SocketAddress, until: MonotonicInstant, on loop: isolated EventLoop
  ) async -> ControlAnswer {
    do throws(ConnectError) {
      _ = try await Socket.connect(to: address, until: until, on: loop)
      return .answered
    } catch {
      switch error {
      case .local, .ended: return .unknown
      case .timedOut, .system: return .failed
      }
    }
  }
}
