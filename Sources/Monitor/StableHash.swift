/// A hash of names that is the same in every run and on every machine.
package enum StableHash {
  /// FNV-1a over the UTF-8 of a name, with a last mixing (that of MurmurHash3), so that names which differ
  /// in their last letter only are far apart.
  package static func of(_ name: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ (hash >> 33)
  }
}

/// One of several monitors that divide the targets by the hash of their names.
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
  package func owns(_ name: String) -> Bool { StableHash.of(name) % UInt64(total) == UInt64(ordinal) }
}
