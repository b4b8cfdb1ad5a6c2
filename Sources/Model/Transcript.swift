/// The lines of a conversation, secrets folded. All their text is in one piece of memory: hardly anybody reads it,
/// and every probe writes it.
package struct Transcript: Sendable, Equatable {
  private struct Mark: Sendable, Equatable {
    var at: Duration
    var from: TranscriptLine.Speaker
    var tls: Bool
    /// Where the line ends in the text; conversations are far shorter than 4 GiB.
    var end: UInt32
  }

  /// UTF-8.
  private var text: [UInt8] = []
  private var marks: [Mark] = []

  /// No lines.
  package init() {}

  /// Makes room for these many lines and their text.
  package mutating func reserve(lines: Int, bytes: Int) {
    marks.reserveCapacity(lines)
    text.reserveCapacity(bytes)
  }

  /// Adds a line.
  package mutating func append(_ line: TranscriptLine) {
    append(at: line.at, from: line.from, tls: line.tls) { $0 += line.text.utf8 }
  }

  /// Adds a line whose text is appended by `write`, in UTF-8; returns how long it is.
  @discardableResult
  package mutating func append(
    at moment: Duration, from speaker: TranscriptLine.Speaker, tls: Bool, _ write: (inout [UInt8]) -> Void
  ) -> Int {
    let start = text.count
    write(&text)
    marks.append(Mark(at: moment, from: speaker, tls: tls, end: UInt32(text.count)))
    return text.count - start
  }
}

extension Transcript: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { marks.count }

  package subscript(position: Int) -> TranscriptLine {
    let mark = marks[position]
    let start = position == 0 ? 0 : Int(marks[position - 1].end)
    let text = String(decoding: text[start..<Int(mark.end)], as: UTF8.self)
    return TranscriptLine(at: mark.at, from: mark.from, tls: mark.tls, text: text)
  }
}

extension Transcript: ExpressibleByArrayLiteral {
  package init(arrayLiteral lines: TranscriptLine...) { self.init(lines) }

  /// These lines.
  package init(_ lines: [TranscriptLine]) { for line in lines { append(line) } }
}
