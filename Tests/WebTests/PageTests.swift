import Foundation
import HTTP
import Model
import Monitor
import Testing
import Web

@Test func `the home page says first how many fail, also in its title`() throws {
  let page = try ask("/").text
  #expect(page.contains("<title>2 of 6 failing · smtpwatch</title>"))
  #expect(page.contains("<h1>2 of 6 failing</h1>"))
}

@Test(arguments: [
  ([TargetSnapshot.working], "All 1 up"), ([.working, .slow], "None of 2 failing"), ([], "No targets"),
])
func `without failures the home page says so`(targets: [TargetSnapshot], headline: String) throws {
  #expect(try ask("/", FakeHistory(targets)).text.contains("<h1>\(headline)</h1>"))
}

@Test func `targets come in the order of their trouble`() throws {
  let page = try ask("/").text
  let order = ["plunk", "%3Cb%3E", "relay", "offsite", "fresh", "mail%20a%2Fb"].map {
    page.range(of: "href=\"/targets/\($0)")?.lowerBound
  }
  #expect(order.allSatisfy { $0 != nil })
  #expect(order.compactMap(\.self) == order.compactMap(\.self).sorted())
}

@Test func `a failing target shows its reason, message and remedy`() throws {
  let page = try ask("/").text
  #expect(page.contains("<strong>Login rejected</strong>"))
  #expect(page.contains("<strong>Certificate expired at TLS</strong>"))
  #expect(page.contains("The server refused the login of user plunk."))
  #expect(page.contains("Check auth.username and auth.password_file"))
  #expect(page.contains("93.12 % <small>of 2 h</small>"))
}

@Test func `a query chooses targets by state and group`() throws {
  let down = try ask("/?state=down").text
  #expect(down.contains("/targets/plunk") && !down.contains("/targets/relay"))
  let own = try ask("/?group=own").text
  #expect(own.contains("/targets/mail%20a%2Fb") && !own.contains("/targets/plunk"))
  #expect(try ask("/?state=nonsense").status == 400)
}

@Test func `the refresh can be paused, and keeps the rest of the query`() throws {
  let page = try ask("/?state=down").text
  #expect(page.contains("<meta http-equiv=\"refresh\" content=\"30\">"))
  #expect(page.contains("href=\"?state=down&amp;refresh=0\""))
  let paused = try ask("/?state=down&refresh=0").text
  #expect(!paused.contains("http-equiv"))
}

@Test(arguments: ["/", "/targets/%3Cb%3E%26%22%0A%5C"])
func `what servers and names say is shown and never obeyed`(path: String) throws {
  let page = try ask(path).text
  #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;quoted&quot; &amp; \u{fffd}"))
  #expect(
    page.components(separatedBy: "<script").count == 2 && !page.contains("<img src=x")
      && !page.contains("<b>&"))
  #expect(!page.contains("\u{202e}") && !page.contains("\u{7}"))
}

@Test func `the page of a target shows everything that was seen of it`() throws {
  let page = try ask("/targets/plunk").text
  for piece in [
    "<title>Down: plunk · smtpwatch</title>", "<h2>Login rejected</h2>",
    "535 5.7.8 Authentication credentials invalid",
    "Where the time went", "EHLO in TLS", "smtp.useplunk.com, *.useplunk.com", "60 days",
    "up → down, login rejected",
    "Conversations", "AUTH PLAIN &lt;secret&gt;", "/api/v1/targets/plunk", "Logins paused until",
  ] {
    #expect(page.contains(piece), "\(piece)")
  }
}

@Test func `a target without result has a page`() throws {
  let page = try ask("/targets/fresh")
  #expect(page.status == 200)
  #expect(page.text.contains("No probe is complete yet."))
}

@Test func `an unknown target has none`() throws {
  #expect(try ask("/targets/nobody").status == 404)
}

@Test func `pages allow nothing but their own style`() throws {
  let policy = try #require(try ask("/").headers["Content-Security-Policy"])
  #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
  #expect(policy.contains("'sha256-\(StyleSheet.hash)'"))
  #expect(!policy.contains("unsafe"))
}

@Test(arguments: [(StyleSheet.css, StyleSheet.hash), (PageScript.text, PageScript.hash)])
func `the policy's hash is that of the style sheet and of the script`(text: String, expected: String) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", "openssl dgst -sha256 -binary | openssl base64 -A"]
  let (input, output) = (Pipe(), Pipe())
  (process.standardInput, process.standardOutput) = (input, output)
  try process.run()
  try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
  try input.fileHandleForWriting.close()
  let hash = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  #expect(expected == hash)
}

@Test func `pages run their own script alone, and load nothing from elsewhere`() throws {
  for path in ["/", "/targets/plunk"] {
    let page = try ask(path).text
    #expect(page.components(separatedBy: "<script").count == 2)
    #expect(page.contains("<script>\(PageScript.text)</script>"))
    #expect(!page.contains(" style=") && !page.contains(" onclick"))
    #expect(!page.contains("src=\"http") && !page.contains("href=\"http"))
  }
}

@Test func `strips of history say in words what they show`() throws {
  let page = try ask("/").text
  #expect(page.contains("role=\"img\" aria-label=\"last 40 probes: "))
}

@Test func `a refused reload is shown`() throws {
  var history = FakeHistory()
  history.monitor.reloadErrors[.watch] = "line 3: unknown key <hots>"
  #expect(try ask("/", history).text.contains("line 3: unknown key &lt;hots&gt;"))
}

@Test func `interpolation escapes by type`() {
  let markup: HTML = "<i>"
  let html: HTML = "\("<a&'\"")|\(markup)|\([markup, markup])|\(7)|\(nil as HTML?)"
  #expect(html.text == "&lt;a&amp;&#39;&quot;|<i>|<i><i>|7|")
}

@Test func `a monitor that is suspect says so on top of the page and in the summary`() throws {
  var history = FakeHistory()
  history.monitor.suspicions = [
    Suspicion(about: "a", words: "7 of 9 targets on port 25 fail alike <now>.")
  ]
  let page = try ask("/", history).text
  #expect(page.contains("The monitor itself is suspect."))
  #expect(page.contains("7 of 9 targets on port 25 fail alike &lt;now&gt;."))
  #expect(try ask("/api/v1/summary", history).text.contains("\"suspicions\":[\"7 of 9 targets on port 25"))
}

@Test func `a paused login is shown on the home page and on its target's`() throws {
  for path in ["/", "/targets/plunk"] {
    #expect(try ask(path).text.contains("Logins paused until"))
  }
}
