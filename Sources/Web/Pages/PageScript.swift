/// The one script of the pages. It loads the page anew in place, so that neither focus nor scrolling is lost,
/// and can pause; without it pages are complete, and refresh themselves as a whole. The policy of the pages
/// allows it by its hash and nothing else.
package enum PageScript {
  /// SHA-256 of `text` in Base64; a test says what it must be when the script changes.
  package static let hash = "Ol6jQPw0l4YiI4Z4kwW1XV+LGW56pPssbxZGfDmISS8="

  package static let text = """
    (() => {
      const byId = id => document.getElementById(id), period = +document.body.dataset.refresh || 30
      let updated = Date.now(), tried = updated, paused = document.body.dataset.refresh === "0", lost = false
      const label = () => {
        const seconds = Math.round((Date.now() - updated) / 1000)
        byId("age").textContent = lost ? `no answer for ${seconds} s` : `updated ${seconds} s ago`
        byId("age").className = lost ? "lost" : ""
        byId("pause").textContent = paused ? "resume" : "pause"
        byId("every").textContent = paused ? "paused" : `every ${period} s`
      }
      const mark = element => element.id || element.getAttribute("href") || element.textContent.trim()
      const load = async () => {
        tried = Date.now()
        try {
          const answer = await fetch(location.href, { cache: "no-store" })
          if (!answer.ok) throw answer.status
          const page = new DOMParser().parseFromString(await answer.text(), "text/html")
          const main = document.querySelector("main"), active = document.activeElement
          const focus = main.contains(active) ? mark(active) : null
          if (active && /^(INPUT|SELECT)$/.test(active.tagName)) return
          const open = [...main.querySelectorAll("details")].filter(d => d.open).map(d => d.id)
          const headline = main.querySelector("h1").textContent
          main.replaceChildren(...page.querySelector("main").childNodes)
          for (const d of main.querySelectorAll("details")) d.open = open.includes(d.id)
          if (focus) [...main.querySelectorAll("a,button,summary,pre")].find(e => mark(e) === focus)?.focus()
          const now = main.querySelector("h1").textContent
          if (now !== headline) byId("news").textContent = now
          if (document.title !== page.title) {
            document.title = page.title
            const icon = document.querySelector("link[rel=icon]")
            icon.href = icon.getAttribute("href").split("?")[0] + "?" + Date.now()
          }
          byId("moment").replaceWith(page.getElementById("moment"))
          updated = Date.now()
          lost = false
        } catch { lost = true }
      }
      byId("pause").addEventListener("click", event => {
        event.preventDefault()
        paused = !paused
        const url = new URL(location)
        url.searchParams.set("refresh", paused ? 0 : period)
        history.replaceState(null, "", url)
        if (!paused) load()
        label()
      })
      setInterval(() => {
        if (!paused && !document.hidden && Date.now() - tried >= period * 1000) load()
        label()
      }, 1000)
      label()
    })()
    """
}
