import HTTP

/// The description of the API for programs (OpenAPI 3.1).
enum OpenAPI {
  /// The document; `home` is the path under which the site is served.
  static func document(home: String) -> Response {
    let server = String(decoding: JSON.string(home).bytes, as: UTF8.self)
    let text = """
      {"openapi":"3.1.0",
      "info":{"title":"smtpwatch","version":"1","description":"State and history of the watched mail servers. \
      Times are RFC 3339 in UTC, durations are seconds."},
      "servers":[{"url":\(server)}],
      "paths":{\(paths)},
      "components":{"parameters":\(parameters),"responses":\(responses),"schemas":\(OpenAPISchemas.text)}}
      """
    let body = Array(text.utf8)
    return Response(
      contentType: "application/json", headers: ["Cache-Control": "no-cache"], body: body
    ).tagged(by: body)
  }

  private static let paths = """
    \(path("api/v1/summary", "The state of everything in a few numbers", ok: "Summary")),
    \(path("api/v1/targets", "Every target in short", parameters: ["State", "Group", "Words", "Order"], ok: "Targets", bad: true)),
    \(path("api/v1/targets/{name}", "One target with its latest results", parameters: ["Name"], ok: "Target",
      unknown: true)),
    \(path("api/v1/targets/{name}/results", "Results of a target, newest first",
      parameters: ["Name", "Limit", "Before"], ok: "Results", bad: true, unknown: true)),
    \(path("api/v1/targets/{name}/events", "Events of a target, newest first",
      parameters: ["Name", "Limit", "Before"], ok: "Events", bad: true, unknown: true)),
    \(path("api/v1/targets/{name}/badge.json", "The state of a target for shields.io", parameters: ["Name"],
      ok: "Badge", missing: content("application/json", "Badge", "No such target"))),
    \(path("api/v1/targets/{name}/badge.svg", "The state of a target as a picture", parameters: ["Name"],
      okContent: content("image/svg+xml", nil, "A picture"),
      missing: content("image/svg+xml", nil, "No such target"))),
    \(path("api/v1/sd", "The targets as HTTP service discovery of Prometheus", ok: "Discovered")),
    \(path("api/v1/events", liveWords, parameters: ["LastEvent"],
      okContent: content("text/event-stream", nil, "A stream without end"))),
    \(path("api/v1/openapi.json", "This document",
      okContent: content("application/json", nil, "OpenAPI 3.1"))),
    \(path("config", "The running configuration as YAML, without secrets",
      okContent: content("text/plain", nil, "YAML"))),
    \(path("-/healthy", "Whether the loop that probes turns", okContent: content("text/plain", nil, "It does"))),
    \(path("-/ready", "Whether the schedule runs", okContent: content("text/plain", nil, "It does")))
    """

  private static let liveWords = """
    What happens to targets, as it happens (server-sent events): the data of each is an event of a target, with \
    its name and state. Whoever comes back with Last-Event-ID is told what was missed
    """

  private static func path(
    _ path: String, _ summary: String, parameters: [String] = [], ok: String = "", okContent: String? = nil,
    bad: Bool = false, unknown: Bool = false, missing: String? = nil
  ) -> String {
    var responses = ["\"200\":\(okContent ?? content("application/json", ok, "Found"))"]
    if bad { responses.append(##""400":{"$ref":"#/components/responses/BadQuery"}"##) }
    if unknown { responses.append(##""404":{"$ref":"#/components/responses/UnknownTarget"}"##) }
    if let missing { responses.append("\"404\":\(missing)") }
    let references = parameters.map { "{\"$ref\":\"#/components/parameters/\($0)\"}" }
    return """
      "/\(path)":{"get":{"summary":"\(summary)","parameters":[\(references.joined(separator: ","))],\
      "responses":{\(responses.joined(separator: ","))}}}
      """
  }

  private static func content(_ type: String, _ schema: String?, _ description: String) -> String {
    let reference = schema.map { "{\"$ref\":\"#/components/schemas/\($0)\"}" } ?? "{}"
    return "{\"description\":\"\(description)\",\"content\":{\"\(type)\":{\"schema\":\(reference)}}}"
  }

  private static let parameters = #"""
    {"Name":{"name":"name","in":"path","required":true,"schema":{"type":"string","minLength":1}},
    "State":{"name":"state","in":"query","schema":{"$ref":"#/components/schemas/State"}},
    "Group":{"name":"group","in":"query","schema":{"type":"string"}},
    "Words":{"name":"q","in":"query","description":"A part of the name, the host or the group",
    "schema":{"type":"string"}},
    "Order":{"name":"sort","in":"query","schema":{"type":"string","enum":
    ["configuration","state","name","latency","since","certificate"]}},
    "LastEvent":{"name":"last_event_id","in":"query","description":"As the header Last-Event-ID",
    "schema":{"type":"string"}},
    "Limit":{"name":"limit","in":"query","description":"How many at most","schema":{"type":"integer",
    "minimum":1,"maximum":1000,"default":50}},
    "Before":{"name":"before","in":"query","description":"The next_before of the page before","schema":
    {"type":"integer","minimum":0,"maximum":9007199254740991}}}
    """#

  private static let responses = #"""
    {"BadQuery":{"description":"A parameter makes no sense","content":{"application/json":
    {"schema":{"$ref":"#/components/schemas/Problem"}}}},
    "UnknownTarget":{"description":"No target has this name","content":{"application/json":
    {"schema":{"$ref":"#/components/schemas/Problem"}}}}}
    """#
}
