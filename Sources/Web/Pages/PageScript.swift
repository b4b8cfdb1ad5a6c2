/// The one script of the pages. It loads the page anew in place, so that neither focus nor scrolling is lost,
/// and can pause; without it pages are complete, and refresh themselves as a whole. The policy of the pages
/// allows it by its hash and nothing else.
package enum PageScript {
  /// SHA-256 of `text` in Base64; a test says what it must be when the script changes.
  package static let hash = "Ft+F+1wA4Dgk8UvgWJEbeE3XswudlYoJuMAYyezD+gw="

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
        label()
      }
      // What happens is told; a page that is paused or not looked at does not listen.
      let source, soon
      const listen = () => {
        const path = document.body.dataset.events, only = document.body.dataset.target
        if (source && (paused || document.hidden || source.readyState === 2)) source = source.close()
        if (source || paused || document.hidden || !path) return
        source = new EventSource(path)
        const kinds = ["state", "reason", "capabilities", "certificate", "auth_paused", "auth_resumed", "policy", "delivery"]
        for (const kind of kinds) source.addEventListener(kind, event => {
          if (only && JSON.parse(event.data).target !== only) return
          soon ??= setTimeout(() => { soon = null; load() }, 1000)
        })
      }
      byId("pause").addEventListener("click", event => {
        event.preventDefault()
        paused = !paused
        const url = new URL(location)
        url.searchParams.set("refresh", paused ? 0 : period)
        history.replaceState(null, "", url)
        if (!paused) load()
        listen()
        label()
      })
      document.addEventListener("visibilitychange", listen)
      document.addEventListener("submit", async event => {
        const form = event.target
        if (!form.matches("form.probe")) return
        event.preventDefault()
        form.querySelector("button").disabled = true
        const say = words => byId("news").textContent = form.querySelector("output").textContent = words
        say("Probing…")
        try {
          const answer = await fetch(form.action, { method: "POST", redirect: "manual" })
          if (answer.status >= 400) throw (await answer.text()).trim()
        } catch (reason) {
          form.querySelector("button").disabled = false
          return say(typeof reason === "string" ? reason : "The monitor does not answer.")
        }
        // The result comes when it comes: these are the moments when one looks.
        for (const wait of [2000, 6000, 15000]) setTimeout(load, wait)
      })
      setInterval(() => {
        if (!paused && !document.hidden && Date.now() - tried >= period * 1000) load()
        label()
      }, 1000)
      listen()
      label()
    })()
    """
}
