/// Whether a report is coloured, and how.
struct Style {
  /// A terminal's colours by what they mean.
  enum Meaning: String {
    case good = "32"
    case attention = "33"
    case bad = "31"
    case unknown = "35"
    case strong = "1"
    case faint = "2"
  }

  let isColoured: Bool

  /// The text in the colour of its meaning.
  func paint(_ text: String, _ meaning: Meaning) -> String {
    isColoured ? "\u{1B}[\(meaning.rawValue)m\(text)\u{1B}[0m" : text
  }
}
