/// A binary heap of due times: the earliest is at hand, and moving it to a later time costs O(log n).
struct DueHeap: Sendable {
  private var nodes: [(due: Int64, index: Int)] = []

  /// Nothing is due.
  init() {}

  /// The due times of the indices 0, 1, 2, …
  init(_ dues: [Int64]) {
    // A sorted array is a heap.
    nodes = dues.enumerated().map { ($1, $0) }.sorted { $0.0 < $1.0 }
  }

  /// The earliest due time, and whose it is.
  var first: (due: Int64, index: Int)? { nodes.first }

  /// Gives the earliest a new, later time.
  mutating func replaceFirst(with due: Int64) {
    let moving = (due: due, index: nodes[0].index)
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < nodes.count else { break }
      if child + 1 < nodes.count, nodes[child + 1].due < nodes[child].due { child += 1 }
      guard nodes[child].due < moving.due else { break }
      nodes[hole] = nodes[child]
      hole = child
    }
    nodes[hole] = moving
  }
}
