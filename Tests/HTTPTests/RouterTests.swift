import HTTP
import Testing

/// An answer that goes on was given where one was expected that ends.
private struct Endless: Error {}

private func router(prefix: String = "") -> Router {
  Router(
    prefix: prefix, headers: ["X-Content-Type-Options": "nosniff", "Content-Type": "never/used"],
    routes: [
      Route("/", handler: "home") { _, _ in .now(.text("home")) },
      Route("/targets/{name}", handler: "target") { _, names in .now(.text(names[0])) },
      Route("/targets/{name}/x/{item}", handler: "item") { _, names in .later { $0(.text("\(names)")) } },
      Route("/reload", handler: "reload", methods: ["POST", "PUT"]) { _, _ in .now(.text("done")) },
    ])
}

private func answer(_ router: Router, _ method: String, _ path: String) throws -> Response {
  switch router.answer(try #require(Request(method: method, rawPath: path))) {
  case .now(let response): return response
  case .stream: throw Endless()
  case .later(let begin):
    // Safe: the routes of these tests answer at once, on this thread.
    nonisolated(unsafe) var answered: Response?
    begin { answered = $0 }
    return try #require(answered)
  case .undecided: throw Undecided()
  }
}

/// No route of these tests leaves open how it answers.
private struct Undecided: Error {}

@Test(arguments: [
  ("GET", "/", 200, "home"), ("HEAD", "/", 200, "home"), ("GET", "//", 200, "home"),
  ("GET", "/targets/a%2Fb", 200, "a/b"), ("GET", "/targets/a/", 200, "a"),
  ("GET", "/targets/a/x/b", 200, #"["a", "b"]"#), ("PUT", "/reload", 200, "done"),
  ("GET", "/targets", 404, "There is nothing here."), ("GET", "/targets/a/b", 404, "There is nothing here."),
  ("GET", "/reload", 405, "This path does not take GET."),
  ("POST", "/", 405, "This path does not take POST."),
])
func `paths find their handlers`(method: String, path: String, status: Int, line: String) throws {
  let response = try answer(router(), method, path)
  #expect(response.status == status)
  #expect(String(decoding: response.body, as: UTF8.self).split(separator: "\n").first ?? "" == line)
}

@Test func `what a path does take is said`() throws {
  #expect(try answer(router(), "GET", "/reload").headers["Allow"] == "POST, PUT")
  #expect(try answer(router(), "DELETE", "/").headers["Allow"] == "GET, HEAD")
}

@Test func `every answer carries the headers that it does not set itself`() throws {
  let response = try answer(router(), "GET", "/nowhere")
  #expect(response.headers["x-content-type-options"] == "nosniff")
  #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
}

@Test func `with a prefix everything moves`() throws {
  let router = router(prefix: "/smtp/watch/")
  #expect(try answer(router, "GET", "/smtp/watch").status == 200)
  #expect(try answer(router, "GET", "/smtp/watch/targets/a").status == 200)
  #expect(try answer(router, "GET", "/targets/a").status == 404)
  let home = try answer(router, "GET", "/")
  #expect(home.status == 302)
  #expect(home.headers["Location"] == "/smtp/watch/")
}

@Test func `answers are counted by handler and status`() throws {
  let router = router()
  for path in ["/", "/", "/targets/a", "/targets/b", "/nowhere", "/targets/a/x/b", "/reload"] {
    _ = try answer(router, "GET", path)
  }
  let lines = router.counts.all.map { "\($0.key.handler) \($0.key.status) \($0.count)" }
  #expect(
    lines == [
      "home 200 2", "item 200 1", "other 404 1", "reload 200 0", "reload 405 1", "target 200 2",
    ])
}
