/// A value that all copies of its holder share, and of which each may still be changed alone. Its members are read
/// where they lie: to ask a large value one thing costs no copy of the rest.
///
/// It is `public` because the compiler looks into nothing less from another room, and would go by key paths at run time.
@dynamicMemberLookup
public struct Shared<Value: Sendable>: Sendable {
  @usableFromInline var boxed: Boxed<Value>

  /// A value to share.
  @inlinable public init(_ value: Value) { boxed = Boxed(value) }

  /// The whole value.
  @inlinable public var value: Value { boxed.value }

  /// A member, to read.
  @inlinable public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member {
    boxed.value[keyPath: path]
  }

  /// A member, to read or to change.
  @inlinable public subscript<Member>(dynamicMember path: WritableKeyPath<Value, Member>) -> Member {
    get { boxed.value[keyPath: path] }
    set {
      var changed = boxed.value
      changed[keyPath: path] = newValue
      boxed = Boxed(changed)
    }
  }
}

extension Shared: Equatable where Value: Equatable {
  /// Equal values; the same one is so at once.
  public static func == (left: Shared, right: Shared) -> Bool {
    left.boxed === right.boxed || left.value == right.value
  }
}
