package import Model

/// Sees when targets fail alike at once: then the monitor's own network, resolver, trust or clock is suspect
/// rather than every server, and the results are inconclusive.
///
/// **It begins** when the targets that newly fail with one stage and reason are at least three and at least
/// half of all targets, or of those on one port. Newly: since no longer than a minute, or their interval where
/// that is longer. They must be of different servers (different host *and* address; different certificate
/// for a certificate's fault, different domain for a name's), and the reason must be one that the monitor's side
/// can cause: a server's own reply never counts. The results before that moment stay failures.
///
/// **It covers** those targets and whoever begins to fail alike while it lasts; who failed before is down as before.
///
/// **It ends** as soon as those that it covers and whose latest conclusive result is still the same are fewer than
/// three or than half, or are of one server only. Who still fails then is down from the next result on.
///
/// Times are durations since the monitor's start. A pure value: it knows no clock. A good result of a target that
/// did not fail before costs one look into an array.
package struct FleetWatch: Sendable {
  /// The least number of targets that make it a matter of the fleet.
  package static let quorum = 3
  /// So long a failure is new.
  package static let freshness = Duration.seconds(60)

  private struct Member: Sendable {
    var name: String
    var host: String
    var port: Int
    /// How long a failure of it is new.
    var patience: Duration
    /// How it fails; nil while it does not, or in a way that only a server can cause.
    var symptom: FailureKind?
    var since: Duration = .zero
    /// What must differ for two targets to be of different servers.
    var server = ""
    /// An episode covers it.
    var isCovered = false
  }

  private var members: [Member] = []
  /// What is going on.
  package private(set) var episodes: [FleetEpisode] = []

  /// A fleet without targets.
  package init() {}

  /// Takes the targets of a new configuration; what is known of one that stays, stays.
  package mutating func replace(targets: [Target]) {
    let old = Dictionary(members.map { ($0.name, $0) }) { first, _ in first }
    members = targets.map { target in
      let patience = max(Self.freshness, target.interval)
      if var member = old[target.name], member.host == target.host, member.port == target.port {
        member.patience = patience
        return member
      }
      return Member(name: target.name, host: target.host, port: target.port, patience: patience)
    }
    settle()
  }

  /// Takes in the result of the target at `index`; gives the episode that excuses it.
  ///
  /// - Parameters:
  ///   - now: the end of the probe.
  ///   - time: the same moment by the calendar.
  package mutating func judge(
    _ result: Shared<ProbeResult>, of index: Int, at now: Duration, time: @autoclosure () -> Timestamp
  ) -> FleetEpisode? {
    guard result.outcome == .down, let symptom = result.value.fleetSymptom else {
      // Who could not tell says nothing new.
      guard result.outcome != .inconclusive, members[index].symptom != nil else { return nil }
      members[index].symptom = nil
      members[index].isCovered = false
      settle()
      return nil
    }
    if members[index].symptom != symptom {
      members[index].symptom = symptom
      members[index].since = now
      members[index].isCovered = false
      settle()
    }
    members[index].server = result.value.fleetServer
    if let episode = episode(of: symptom, port: members[index].port) {
      guard !members[index].isCovered else { return episode }
      guard members[index].since >= episode.beganAt else { return nil }
      members[index].isCovered = true
      settle()
      return self.episode(of: symptom, port: members[index].port)
    }
    guard members[index].since >= now - members[index].patience else { return nil }
    return begin(symptom, with: members[index].port, at: now, time: time)
  }

  private func episode(of symptom: FailureKind, port: Int) -> FleetEpisode? {
    episodes.first { $0.symptom == symptom && ($0.port ?? port) == port }
  }

  /// Begins an episode where so many fail alike by now.
  private mutating func begin(
    _ symptom: FailureKind, with port: Int, at now: Duration, time: () -> Timestamp
  ) -> FleetEpisode? {
    let isNew = { (member: Member) in member.symptom == symptom && now - member.since <= member.patience }
    let onPort = tally(port: port, where: isNew)
    let all = tally(port: nil, where: isNew)
    // What those that fail have in common tells more than that they are many.
    let sharesPort = onPort.isFleet && (onPort.failing == all.failing || !all.isFleet)
    guard sharesPort || all.isFleet else { return nil }
    let (shared, count) = sharesPort ? (port, onPort) : (nil, all)
    for index in members.indices where isNew(members[index]) {
      if shared == nil || members[index].port == shared { members[index].isCovered = true }
    }
    // What covers all takes over from what covered a port.
    episodes.removeAll { $0.symptom == symptom && shared == nil }
    let episode = FleetEpisode(
      symptom: symptom, port: shared, beganAt: now, since: time(), failing: count.failing,
      watched: count.watched)
    episodes.append(episode)
    return episode
  }

  /// Counts anew what the episodes cover, and ends those that are over.
  private mutating func settle() {
    guard !episodes.isEmpty else { return }
    for index in episodes.indices.reversed() {
      let (symptom, port) = (episodes[index].symptom, episodes[index].port)
      let count = tally(port: port) { $0.isCovered && $0.symptom == symptom }
      if count.isFleet {
        episodes[index].failing = count.failing
        episodes[index].watched = count.watched
      } else {
        episodes.remove(at: index)
        for place in members.indices where members[place].symptom == symptom {
          if (port ?? members[place].port) == members[place].port { members[place].isCovered = false }
        }
      }
    }
  }

  private struct Tally {
    var failing = 0
    var watched = 0
    /// Not all of one server.
    var isMixed = false

    var isFleet: Bool { failing >= FleetWatch.quorum && 2 * failing >= watched && isMixed }
  }

  private func tally(port: Int?, where isCounted: (Member) -> Bool) -> Tally {
    var tally = Tally()
    var first: Int?
    for index in members.indices where port == nil || members[index].port == port {
      tally.watched += 1
      guard isCounted(members[index]) else { continue }
      tally.failing += 1
      guard !tally.isMixed else { continue }
      if let first {
        tally.isMixed =
          members[first].host != members[index].host && members[first].server != members[index].server
      } else {
        first = index
      }
    }
    return tally
  }
}

extension ProbeResult {
  /// How a failure looks, where the monitor's side can be the cause of many such failures.
  fileprivate var fleetSymptom: FailureKind? {
    guard let stage else { return nil }
    let isShared =
      switch reason {
      case .dnsNotFound, .dnsNoAddress, .dnsFailure, .connectRefused, .connectTimeout, .connectUnreachable,
        .bannerTimeout, .certUntrusted, .certExpired, .certNotYetValid:
        true
      case .replyTimeout, .connClosed: stage == .tls
      default: false
      }
    return isShared ? FailureKind(stage: stage, reason: reason) : nil
  }

  /// What two failures must differ in to be of different servers: the certificate, the domain (its last two
  /// labels), or the address.
  fileprivate var fleetServer: String {
    switch reason {
    case .certUntrusted, .certExpired, .certNotYetValid:
      tls?.certificate?.fingerprintSHA256 ?? address ?? host
    case .dnsNotFound, .dnsNoAddress, .dnsFailure:
      host.lowercased().split(separator: ".").suffix(2).joined(separator: ".")
    default: address ?? host
    }
  }
}
