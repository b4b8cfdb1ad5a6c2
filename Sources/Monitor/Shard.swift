/// One of several monitors that divide the targets among them by name, without talking to one another.
package struct Shard: Sendable, Equatable {
  /// From 0.
  package var ordinal: Int
  package var total: Int

  /// A share. `total` is at least 1, `ordinal` below it.
  package init(ordinal: Int = 0, total: Int = 1) {
    precondition(total >= 1 && (0..<total).contains(ordinal), "shard \(ordinal) of \(total)")
    self.ordinal = ordinal
    self.total = total
  }

  /// Whether this monitor probes the target of that name.
  ///
  /// Rendezvous hashing: every shard has a weight for a name, and the heaviest has it. One shard more takes its part
  /// from all others, and nothing else moves. (Thaler and Ravishankar 1998, "Using name-based mappings to increase
  /// hit rates".)
  package func owns(_ name: String) -> Bool {
    let hash = StableHash.of(name)
    return (0..<total).max { Self.weight(of: $0, hash) < Self.weight(of: $1, hash) } == ordinal
  }

  /// The golden ratio's bits set the ordinals apart.
  private static func weight(of ordinal: Int, _ hash: UInt64) -> UInt64 {
    StableHash.mixed(hash ^ (UInt64(ordinal + 1) &* 0x9e37_79b9_7f4a_7c15))
  }
}
