import HTTP
import Model
import Runbooks
import Testing

@testable import Web

@Test(arguments: Reason.allCases) func `every reason has its runbook in the program`(reason: Reason) throws {
  let page = try ask("/runbooks/\(reason.slug)")
  #expect(page.status == 200 && page.text.contains("<code>\(reason.slug)</code>"))
  #expect(page.text.contains("<h2>Fix</h2>") && !page.text.contains("```") && !page.text.contains("## "))
}

@Test func `runbooks link to each other and to nothing that is not there`() throws {
  #expect(try ask("/runbooks/auth_rejected.md").status == 200)
  #expect(try ask("/runbooks/nothing").status == 404)
  for reason in Reason.allCases {
    for link in try ask("/runbooks/\(reason.slug)").text.matches(of: /href="(\w+\.md)"/) {
      #expect(try ask("/runbooks/\(link.1)").status == 200, "\(reason.slug): \(link.1)")
    }
  }
}

@Test func `a verdict leads to its runbook, and to the dashboard of its target where there is one`() throws {
  for path in ["/", "/targets/plunk"] {
    let page = try ask(path).text
    #expect(page.contains("href=\"/runbooks/auth_rejected\"") && !page.contains("Grafana"))
    let linked = try ask(path) { $0.dashboard = "https://grafana.example/d/smtp?orgId=1" }.text
    #expect(linked.contains("href=\"https://grafana.example/d/smtp?orgId=1&amp;var-target=plunk\">Grafana"))
  }
}

@Test(arguments: [
  ("a `b` c", "a <code>b</code> c"), ("a ` c", "a ` c"), ("`<`", "<code>&lt;</code>"), ("", ""),
])
func `what is to be typed stands out`(text: String, markup: String) {
  #expect(HTML.withCode(text).text == markup)
}
