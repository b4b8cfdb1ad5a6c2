extension Sequence<String> {
  /// The word that `typed` was probably meant to be: at most half of its letters may be wrong, swapped,
  /// missing or too many.
  package func nearest(to typed: String) -> String? {
    let best = map { ($0, editDistance($0.lowercased(), typed.lowercased())) }.min { $0.1 < $1.1 }
    guard let (word, distance) = best, distance <= (typed.count + 1) / 2, distance < word.count else {
      return nil
    }
    return word
  }
}

/// How many single-letter edits (change, insert, delete, swap of neighbours) make one text of the other.
func editDistance(_ left: String, _ right: String) -> Int {
  let (left, right) = (Array(left), Array(right))
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for i in left.indices {
    var row = [i + 1]
    for j in right.indices {
      let same = left[i] == right[j]
      var cost = Swift.min(last[j] + (same ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
        cost = Swift.min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[right.count]
}

/// `a, b or c`.
func choices(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}
