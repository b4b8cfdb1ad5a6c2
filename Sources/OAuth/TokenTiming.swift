/// When tokens are asked for.
package enum TokenTiming {
  /// The longest and the shortest time before its end at which a token is replaced.
  private static let longestMargin = Duration.seconds(300)
  private static let shortestWait = Duration.seconds(5)
  /// The life of a token whose endpoint does not tell.
  private static let unknownLifetime = Duration.seconds(600)
  private static let firstPause = Duration.seconds(5)
  private static let longestPause = Duration.seconds(300)

  /// How long after a request for a token that lives so long the next one is due: a fifth of its life before the
  /// end, and at most five minutes before. That covers an endpoint that is away for a while, and clocks that
  /// disagree about the end.
  package static func renewal(lifetime: Duration?) -> Duration {
    let lifetime = lifetime ?? unknownLifetime
    return max(shortestWait, lifetime - min(longestMargin, lifetime / 5))
  }

  /// How long to wait after so many failures in a row: 5 s, twice as long each time, at most five minutes.
  package static func backOff(failures: Int) -> Duration {
    min(longestPause, firstPause * (1 << min(max(failures, 1) - 1, 10)))
  }

  /// A token that a mail server refuses is replaced no more often.
  package static let betweenRenewals = Duration.seconds(60)
}
