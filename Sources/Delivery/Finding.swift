import Model

/// A message of ours in a mailbox.
struct Finding: Sendable {
  var message: ReceivedMessage
  var folder: DeliveryFacts.FolderKind
}

/// Why a mailbox cannot be looked into.
struct MailboxError: Error, CustomStringConvertible {
  /// A sentence for people, without its end.
  let description: String
  /// The account's login was refused: to go on would have it locked.
  let isRefusal: Bool

  init(_ words: String, isRefusal: Bool = false) {
    description = words
    self.isRefusal = isRefusal
  }
}

extension DeliveryFacts.FolderKind {
  /// The sort of folder that a name stands for.
  init(folder name: String) {
    let word = (name.split { "/.".contains($0) }.last ?? "").lowercased()
    self =
      name.uppercased() == "INBOX"
      ? .inbox
      : ["junk", "spam", "junk mail", "junk e-mail", "junk email", "bulk mail"].contains(word)
        ? .junk : .other
  }
}
