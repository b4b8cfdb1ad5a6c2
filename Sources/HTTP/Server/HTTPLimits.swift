/// How much of the server clients may take.
package struct HTTPLimits: Sendable, Equatable {
  /// Connections at once, whoever opened them. One more, and the one that has been waited for longest goes.
  package var connections = 448
  /// Connections of one client at once; the same holds.
  package var connectionsPerClient = 96
  /// A connection without a byte in either direction ends.
  package var idle: Duration = .seconds(30)
  /// From the beginning of a connection, or the end of its last request, to the end of the next one's headers;
  /// longer than `idle`, lest a request that comes at the last moment is cut.
  package var headerTime: Duration = .seconds(40)
  /// From a request's headers to the end of its body.
  package var bodyTime: Duration = .seconds(30)
  /// For a client to take an answer.
  package var answerTime: Duration = .seconds(60)
  /// How often connections are looked at that take too long.
  package var sweepInterval: Duration = .seconds(1)

  /// The defaults.
  package init() {}

  /// How far the library's own limits lie above ours: it refuses newcomers where we let the idle go, so that its
  /// limits are for the time in which those that go are not gone yet.
  static let margin = 64
}
