/// A value on the heap that copies of its holder share. What an async function holds across a wait takes room in its
/// frame, once for every place where it may stand: thousands of probes that wait would each keep room for it.
///
/// It is `public` for the same reason as `Shared`.
public final class Boxed<Value: Sendable>: Sendable {
  /// The value.
  public let value: Value

  /// Moves a value to the heap.
  @inlinable public init(_ value: Value) { self.value = value }
}
