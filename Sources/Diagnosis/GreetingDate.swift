import Model
import SMTP

/// The date in a greeting (RFC 5322 section 3.3), such as `Mon, 23 Nov 2026 10:00:00 +0000`.
enum GreetingDate {
  /// The moment that the greeting's words name; nil where there is none with a zone.
  static func moment(in greeting: Reply) -> Timestamp? {
    greeting.lines.lazy.compactMap { moment(in: String(decoding: $0, as: UTF8.self)) }.first
  }

  private static func moment(in line: String) -> Timestamp? {
    let words = line.split { $0 == " " || $0 == "," || $0 == ";" }
    guard words.count >= 5 else { return nil }
    for index in 1...(words.count - 4) {
      guard let month = months.firstIndex(of: words[index].lowercased()), let day = Int(words[index - 1]),
        (1...31).contains(day), let year = Int(words[index + 1]), (1970...9999).contains(year),
        let second = secondOfDay(words[index + 2]), let offset = offset(words[index + 3])
      else { continue }
      let days = daysSinceEpoch(year: year, month: month + 1, day: day)
      return Timestamp(seconds: Int64(days * 86_400 + second - offset))
    }
    return nil
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  private static func secondOfDay(_ word: Substring) -> Int? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2 || parts.count == 3, let hour = parts[0], let minute = parts[1] else { return nil }
    guard let second = parts.count == 3 ? parts[2] : 0 else { return nil }
    guard (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second) else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  private static func offset(_ word: Substring) -> Int? {
    if ["GMT", "UTC", "UT", "Z"].contains(word.uppercased()) { return 0 }
    guard word.utf8.count == 5, word.hasPrefix("+") || word.hasPrefix("-"), let number = Int(word.dropFirst())
    else { return nil }
    let seconds = number / 100 * 3600 + number % 100 * 60
    return word.hasPrefix("-") ? -seconds : seconds
  }

  /// Days of the Gregorian calendar since 1970-01-01, counted in years that begin in March.
  private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = (shifted / 400, shifted % 400)
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
