/// A password, key or token. It is never shown: every description of it is `<secret>`.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The secret itself, as it goes over the wire.
  package let bytes: [UInt8]

  /// A secret of these bytes.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A secret of this text in UTF-8.
  package init(_ text: String) { bytes = Array(text.utf8) }

  package var description: String { "<secret>" }
  package var debugDescription: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}
