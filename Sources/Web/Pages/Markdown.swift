extension HTML {
  /// A plain text in which back ticks stand around what is to be typed.
  static func withCode(_ text: String) -> HTML {
    let pieces = text.split(separator: "`", omittingEmptySubsequences: false)
    // One without its partner is a character like others.
    guard pieces.count > 1, pieces.count % 2 == 1 else { return "\(text)" }
    return "\(pieces.enumerated().map { $0 % 2 == 0 ? "\($1)" : "<code>\($1)</code>" as HTML })"
  }
}

/// The little of Markdown that runbooks are written in: headings, paragraphs, fenced code, code and links in a
/// line. A heading of the first level is left out: the page has its own.
struct Markdown {
  private var blocks: [HTML] = []

  /// A text as markup.
  var html: HTML { "\(blocks)" }

  /// Reads a text.
  init(_ text: String) {
    var paragraph: [Substring] = []
    var code: [Substring]?
    func end(_ blocks: inout [HTML]) {
      if !paragraph.isEmpty { blocks.append("<p>\(Self.inline(paragraph.joined(separator: "\n")))</p>\n") }
      paragraph = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        end(&blocks)
        if let lines = code {
          blocks.append("<pre tabindex=\"0\">\(lines.joined(separator: "\n"))</pre>\n")
        }
        code = code == nil ? [] : nil
      } else if code != nil {
        code?.append(line)
      } else if line.hasPrefix("## ") {
        end(&blocks)
        blocks.append("<h2>\(Self.inline(String(line.dropFirst(3))))</h2>\n")
      } else if line.isEmpty || line.hasPrefix("# ") {
        end(&blocks)
      } else {
        paragraph.append(line)
      }
    }
    end(&blocks)
  }

  /// Code between back ticks, links and plain text.
  private static func inline(_ text: String) -> HTML {
    var html: HTML = ""
    var rest = text[...]
    while let match = rest.firstMatch(of: /`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)/) {
      html = "\(html)\(rest[..<match.range.lowerBound])"
      if let code = match.1 {
        html = "\(html)<code>\(code)</code>"
      } else if let words = match.2, let address = match.3 {
        html = "\(html)<a href=\"\(address)\">\(words)</a>"
      }
      rest = rest[match.range.upperBound...]
    }
    return "\(html)\(rest)"
  }
}
