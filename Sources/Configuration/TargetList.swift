package import Model

/// A list of targets beside the configuration's own: a file of `target_files`, or what came from a URL of
/// `target_urls`.
///
/// While the monitor runs, a list may turn bad without harm to the others: its last good text stays in use.
package struct TargetList: Sendable, Equatable {
  /// The file's path, or the URL's name.
  package var name: String
  /// The text in use, empty where there never was a good one. It may hold passwords.
  package var text: Secret
  /// How many targets it holds.
  package var count = 0
  /// What is wrong with what the list holds now; empty where that is in use.
  package var faults: [Finding] = []

  /// A list that has not been read.
  package init(name: String, text: Secret = Secret("")) {
    self.name = name
    self.text = text
  }
}

/// What lists a reading may fall back on, and what was fetched since.
struct ListsInUse {
  /// The texts in use by name.
  var texts: [String: Secret] = [:]
  /// What came last from each URL, by name.
  var fetched: [String: FetchedList] = [:]
  /// A fault in a file is an error. What comes from a URL never is: nobody who reads this wrote it.
  var isStrict = true
}
