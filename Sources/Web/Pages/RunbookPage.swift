import HTTP
import Monitor
import Runbooks

extension WebSite {
  /// `/runbooks/REASON`: what to do about a reason, from the program itself.
  var runbook: Route {
    let (shell, history) = (shell, history)
    return Route("/runbooks/{reason}", handler: "runbook") { request, names in
      // Runbooks link to each other as files.
      let name = names[0].hasSuffix(".md") ? String(names[0].dropLast(3)) : names[0]
      guard let runbook = Runbook(name) else { return .now(Self.noRunbook.text) }
      let title = Wording.words(of: runbook.reason)
      let heading = title.prefix(1).uppercased() + title.dropFirst()
      let body: HTML = """
        <main class="prose">
        <h1>\(heading)</h1>
        <p class="quiet"><code>\(runbook.reason)</code></p>
        \(Markdown(runbook.text).html)
        </main>
        """
      return .now(
        shell.page(
          title: "\(heading) · runbook · smtpwatch", refresh: nil, at: history.snapshot().takenAt, body: body
        ).withPolicy)
    }
  }

  private static let noRunbook = Problem(
    status: 404, error: "There is no runbook of this name.",
    hint: "Runbooks are named after reasons, such as /runbooks/auth_rejected.")
}
