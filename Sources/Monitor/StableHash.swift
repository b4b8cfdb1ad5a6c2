/// A hash of names that is the same in every run and on every machine.
package enum StableHash {
  /// FNV-1a over the UTF-8 of a name, with a last mixing (that of MurmurHash3), so that names which differ
  /// in their last letter only are far apart.
  package static func of(_ name: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return mixed(hash)
  }

  /// Spreads a number over all bits.
  static func mixed(_ number: UInt64) -> UInt64 {
    var hash = (number ^ (number >> 33)) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ (hash >> 33)
  }
}
