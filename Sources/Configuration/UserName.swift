/// The rules for who logs in.
package enum UserName {
  /// The name as it is sent; throws a complaint that does not show it, lest it is a password in the wrong place.
  package static func check(_ text: String) throws(Complaint) -> String {
    guard !text.isEmpty else { throw Complaint("is empty", cure: "a login needs a user") }
    guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw Complaint("has a control character in it", cure: "remove it")
    }
    return text
  }
}
