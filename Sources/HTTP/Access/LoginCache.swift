import Base
import CGnuTLS

/// What was found out about logins, so that each costs a hash of bcrypt only once. Passwords are not kept, only
/// their digests under a key that no other process has.
final class LoginCache: Sendable {
  /// The digest of a login with the hash that it was compared with: new hashes make new entries.
  struct Key: Hashable { fileprivate let digest: [UInt8] }

  private static let capacity = 100
  private static let digestSize = 32

  private let secret: [UInt8]
  // Apart, so that guesses do not drive out those who belong here.
  private let good = Locked(Shelf())
  private let bad = Locked(Shelf())

  private struct Shelf {
    var keys: Set<Key> = []
    var order: [Key] = []
  }

  /// Nothing known.
  init() {
    var secret = [UInt8](repeating: 0, count: Self.digestSize)
    let status = unsafe gnutls_rnd(GNUTLS_RND_KEY, &secret, secret.count)
    precondition(status >= 0, "the system has no random numbers")
    self.secret = secret
  }

  func key(_ login: Login, hash: String) -> Key {
    // Lengths in front, so that no two different triples make the same text.
    let parts = [login.user, hash, login.password].map { Array($0.utf8) }
    let text = Array("\(parts[0].count):\(parts[1].count):".utf8) + parts.flatMap { $0 }
    var digest = [UInt8](repeating: 0, count: Self.digestSize)
    let status = unsafe gnutls_hmac_fast(
      GNUTLS_MAC_SHA256, secret, secret.count, text, text.count, &digest)
    precondition(status >= 0, "SHA-256 is always there")
    return Key(digest: digest)
  }

  /// Whether a login was right; nil where that is not known.
  subscript(key: Key) -> Bool? {
    if good.withLock({ $0.keys.contains(key) }) { return true }
    return bad.withLock { $0.keys.contains(key) } ? false : nil
  }

  func remember(_ key: Key, isRight: Bool) {
    (isRight ? good : bad).withLock { shelf in
      guard shelf.keys.insert(key).inserted else { return }
      shelf.order.append(key)
      if shelf.order.count > Self.capacity { shelf.keys.remove(shelf.order.removeFirst()) }
    }
  }
}
