import Monitor

/// What whoever reads the home page must know of the monitor itself, before its targets: each says what to do.
struct Notices {
  let snapshot: Snapshot

  var html: HTML { "\(doubts)\(configuration)\(snapshot.monitor.lists.map(list))\(history)" }

  private var doubts: [HTML] {
    snapshot.monitor.suspicions.map { suspicion in
      """
      <p class="notice"><strong>The monitor itself is suspect.</strong> \(suspicion.words) \
      Results that it affects are inconclusive.</p>

      """
    }
  }

  private var configuration: HTML {
    let monitor = snapshot.monitor
    guard !monitor.lastReloadSucceeded else {
      return snapshot.targets.isEmpty
        ? "<p class=\"notice\">Nothing is watched yet: the configuration names no targets.</p>\n" : ""
    }
    return """
      <p class="notice"><strong>The last reload of the configuration was refused</strong>; what was in use \
      before stays in use. \(monitor.reloadErrors.values.sorted().joined(separator: " "))</p>

      """
  }

  private func list(_ list: ListSnapshot) -> HTML {
    guard !list.isInUse else { return "" }
    let kept =
      list.targets == 0
      ? "None of its targets is watched"
      : "What it held before (\(Self.count(list.targets, "target"))) stays in use"
    return """
      <p class="notice"><strong>A list of targets cannot be used:</strong> <code>\(list.name)</code>. \
      \(kept) until it is mended; it is read again by itself. \(list.trouble ?? "")</p>

      """
  }

  private var history: HTML {
    guard let history = snapshot.monitor.history else { return "" }
    let trouble = history.trouble.map { trouble -> HTML in
      "<p class=\"notice\"><strong>The history is not stored whole.</strong> \(trouble)</p>\n"
    }
    guard history.dropped > 0 else { return "\(trouble)" }
    return """
      \(trouble)<p class="notice mild"><strong>\(Self.count(history.dropped, "stored piece")) of the past could \
      not be read</strong> when smtpwatch started, and are left out: the power failed, or the disk damages what \
      it holds. Nothing is to be done after a failure of power; else look at the disk. The next start forgets \
      this note.</p>

      """
  }

  /// `1 target`, `3 targets`.
  private static func count(_ number: Int, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }
}
