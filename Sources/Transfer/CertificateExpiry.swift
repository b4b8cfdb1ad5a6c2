import Model

extension Timestamp {
  /// The moment in a line such as `Expire date:Feb  3 13:07:00 2027 GMT`; nil in any other.
  init?(expiryLine line: String) {
    let prefix = "Expire date:"
    guard line.hasPrefix(prefix) else { return nil }
    let words = line.dropFirst(prefix.count).split(separator: " ")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard words.count >= 4, let month = months.firstIndex(of: String(words[0])), let day = Int64(words[1]),
      let year = Int64(words[3]), (1...31).contains(day), (1...9999).contains(year)
    else { return nil }
    let time = words[2].split(separator: ":").compactMap { Int64($0) }
    guard time.count == 3, time.allSatisfy({ (0...60).contains($0) }) else { return nil }
    let days = daysSinceEpoch(year: year, month: Int64(month) + 1, day: day)
    self.init(seconds: days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2])
  }
}

/// The inverse of `Timestamp.civil`: years are counted from March, so that the leap day is a year's last.
private func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
  let marchYear = month <= 2 ? year - 1 : year
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
}
