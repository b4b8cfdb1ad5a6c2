import HTTP
import Model
import Monitor

/// A target's state in a few words, for pages elsewhere.
struct Badge {
  private var label: String
  private var message: String
  /// A name that shields.io knows, and the colour that it stands for here.
  private var colour: (name: String, value: String)
  private var isKnown: Bool

  /// The badge of a target; a grey one where there is none of that name.
  init(_ name: String, in snapshot: Snapshot) {
    label = name
    isKnown = true
    guard let target = snapshot.target(name) else {
      (message, colour, isKnown) = ("unknown", Self.grey, false)
      return
    }
    message = target.state.rawValue
    switch target.state {
    case .up: colour = ("blue", "#0067a8")
    case .degraded: colour = ("yellow", "#7d5800")
    case .down: colour = ("orange", "#b23c00")
    case .inconclusive: colour = ("blueviolet", "#5d4a8a")
    case .pending: colour = Self.grey
    }
    if target.state < .pending, let last = target.last { message += ": \(Wording.reason(last.reason))" }
  }

  private static let grey = (name: "lightgrey", value: "#56606b")

  /// The badge in the form that shields.io reads from an endpoint.
  var json: Response {
    .json(
      [
        "schemaVersion": 1, "label": .string(label), "message": .string(message),
        "color": .string(colour.name), "isError": .bool(!isKnown),
      ], status: isKnown ? 200 : 404)
  }

  /// The badge as a picture that says in words what it shows.
  var picture: Response {
    let (left, right) = (width(of: label), width(of: message))
    let image: HTML = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" \
      aria-label="\(label): \(message)"><title>\(label): \(message)</title>\
      <rect width="\(left + right)" height="20" rx="3" fill="#3b444d"/>\
      <path d="M\(left) 0h\(right - 3)a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-\(right - 3)z" fill="\(colour.value)"/>\
      <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">\
      <text x="\(left / 2)" y="14" textLength="\(left - 12)">\(label)</text>\
      <text x="\(left + right / 2)" y="14" textLength="\(right - 12)">\(message)</text></g></svg>
      """
    return Response(
      status: isKnown ? 200 : 404, contentType: "image/svg+xml", headers: ["Cache-Control": "no-cache"],
      body: Array(image.text.utf8))
  }

  /// Text is squeezed or stretched to it, whatever the font.
  private func width(of text: String) -> Int { text.count * 6 + 14 }
}
