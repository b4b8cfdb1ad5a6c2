import Base
import Loop

extension Resolver {
  /// Whether a name without addresses is an alias that leads back to itself. Resolvers that follow aliases call that a
  /// failure; others hand over what they found, which the library takes for a name with nothing behind it.
  func isAliasLoop(_ name: String, until deadline: MonotonicInstant, on loop: isolated EventLoop) async
    -> Bool
  {
    var (current, seen) = (name, Set<String>())
    while seen.insert(current).inserted, seen.count <= Self.longestChain {
      do throws(DNSError) {
        let answer = try await records(.cname, of: current, until: deadline, on: loop)
        guard let next = answer.records.first else { return false }
        current = String(decoding: next, as: UTF8.self)
      } catch {
        // What cannot be asked proves nothing.
        return false
      }
    }
    return true
  }

  /// So many aliases in a row count as a loop: none that works is as long.
  private static let longestChain = 16
}
