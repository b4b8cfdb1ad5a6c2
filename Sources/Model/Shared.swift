/// A value that all copies of its holder share, and of which each may still be changed alone. Its members are read
/// where they lie: to ask a large value one thing costs no copy of the rest. It is on the heap: what an async function
/// holds across a wait takes room in its frame, once for every place where it may stand, and thousands of probes that
/// wait would each keep room for it.
///
/// It is `public` because the compiler looks into nothing less from another room, and would go by key paths at run time.
@dynamicMemberLookup
public struct Shared<Value: Sendable>: Sendable {
  /// The place on the heap.
  @usableFromInline final class Box: Sendable {
    @usableFromInline let value: Value

    @inlinable init(_ value: Value) { self.value = value }
  }

  @usableFromInline var box: Box

  /// A value to share.
  @inlinable public init(_ value: Value) { box = Box(value) }

  /// The whole value.
  @inlinable public var value: Value { box.value }

  /// A member, to read.
  @inlinable public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member {
    box.value[keyPath: path]
  }

  /// A member, to read or to change.
  @inlinable public subscript<Member>(dynamicMember path: WritableKeyPath<Value, Member>) -> Member {
    get { box.value[keyPath: path] }
    set {
      var changed = box.value
      changed[keyPath: path] = newValue
      box = Box(changed)
    }
  }
}

extension Shared: Equatable where Value: Equatable {
  /// Equal values; the same one is so at once.
  public static func == (left: Shared, right: Shared) -> Bool {
    left.box === right.box || left.value == right.value
  }
}
