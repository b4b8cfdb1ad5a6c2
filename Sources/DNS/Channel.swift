import Base
import CAres
import Glibc
import Loop

/// One configuration of the c-ares library with its sockets, driven by the loop. A question keeps its channel
/// until the library has answered, so that one without owners has no sockets.
///
/// Safe to send: it stays on its loop; what the loop calls back is called there.
@safe final class Channel: @unchecked Sendable {
  private let channel: OpaquePointer
  private let sockets: SocketChanges
  private var timer: EventLoop.TimerID?

  /// A channel as `options` says; `showsRefusals` makes a server's refusal an answer instead of a reason to
  /// ask the next server.
  init(_ options: Resolver.Options, showsRefusals: Bool) throws(DNSError) {
    sockets = SocketChanges()
    var settings = unsafe ares_options()
    unsafe settings.timeout = Int32(max(1, min(60_000, options.timeout / .milliseconds(1))))
    unsafe settings.tries = showsRefusals ? 1 : Int32(clamping: options.tries)
    unsafe settings.flags = showsRefusals ? ARES_FLAG_NOCHECKRESP : 0
    unsafe settings.sock_state_cb = noteSocket
    unsafe settings.sock_state_cb_data = Unmanaged.passUnretained(sockets).toOpaque()
    let mask =
      ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_FLAGS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS
      | ARES_OPT_RESOLVCONF
    var made: OpaquePointer?
    // The hosts file comes before, in a room of its own: the library is to ask the DNS alone.
    let status = unsafe "b".withCString { lookups in
      unsafe options.configuration.withCString { path in
        unsafe settings.lookups = UnsafeMutablePointer(mutating: lookups)
        unsafe settings.resolvconf_path = UnsafeMutablePointer(mutating: path)
        return unsafe ares_init_options(&made, &settings, Int32(mask))
      }
    }
    guard status == ARES_SUCCESS, let made = unsafe made else { throw .local(words(status)) }
    unsafe channel = made
    if !options.servers.isEmpty {
      let list = options.servers.map(\.description).joined(separator: ",")
      let status = unsafe ares_set_servers_ports_csv(channel, list)
      guard status == ARES_SUCCESS else { throw .local(words(status)) }
    }
  }

  deinit { unsafe ares_destroy(channel) }

  /// Asks for a name's addresses of one family.
  func ask(
    _ name: String, _ family: SocketAddress.Family, _ question: Question<FamilyAnswer>,
    on loop: isolated EventLoop
  ) {
    var hints = ares_addrinfo_hints()
    hints.ai_family = family == .ipv4 ? AF_INET : AF_INET6
    hints.ai_flags = ARES_AI_NOSORT
    unsafe ares_getaddrinfo(
      channel, name, nil, &hints, takeAddresses, Asked(question, of: family, channel: self).handle)
    follow(on: loop)
  }

  /// Asks a question that is already a message (RFC 1035 section 4.1); the answer comes as it is too.
  func ask(_ message: [UInt8], _ question: Question<RawAnswer>, on loop: isolated EventLoop) {
    unsafe ares_send(
      channel, message, Int32(message.count), takeMessage, Asked(question, channel: self).handle)
    follow(on: loop)
  }

  /// Asks for a domain's MX records.
  func ask(_ domain: String, _ question: Question<ExchangerAnswer>, on loop: isolated EventLoop) {
    // Class IN, type MX (RFC 1035 section 3.2).
    unsafe ares_query(channel, domain, 1, 15, takeExchangers, Asked(question, channel: self).handle)
    follow(on: loop)
  }

  private func process(read: Int32, write: Int32, on loop: isolated EventLoop) {
    unsafe ares_process_fd(channel, read, write)
    follow(on: loop)
  }

  /// Waits for what the library wants to wait for, after each call of it.
  private func follow(on loop: isolated EventLoop) {
    for change in sockets.takeAll() {
      guard !change.readiness.isEmpty else {
        loop.unwatch(change.number)
        continue
      }
      loop.watch(change.number, change.readiness) { [weak self] readiness, loop in
        // An error alone counts as readable: reading learns what it is.
        let writes = readiness.contains(.write)
        let reads = readiness.contains(.read) || !writes
        self?.process(
          read: reads ? change.number : ARES_SOCKET_BAD, write: writes ? change.number : ARES_SOCKET_BAD,
          on: loop)
      }
    }
    if let timer { loop.cancel(timer) }
    var wait = timeval()
    guard unsafe ares_timeout(channel, nil, &wait) != nil else {
      timer = nil
      return
    }
    let duration = Duration.seconds(wait.tv_sec) + .microseconds(wait.tv_usec)
    timer = loop.schedule(at: .now().advanced(by: duration)) { [self] outcome, loop in
      timer = nil
      if outcome == .ended {
        unsafe ares_cancel(channel)
      } else {
        process(read: ARES_SOCKET_BAD, write: ARES_SOCKET_BAD, on: loop)
      }
    }
    if timer == nil { unsafe ares_cancel(channel) }
  }
}

/// What the library did to its sockets during one call; the loop follows when the call is over.
private final class SocketChanges {
  struct Change {
    var number: Int32
    var readiness: Readiness
  }

  private var changes: [Change] = []

  func note(_ change: Change) { changes.append(change) }

  func takeAll() -> [Change] {
    defer { changes.removeAll() }
    return changes
  }
}

/// A question, as the library carries it around.
private final class Asked<Answer> {
  let question: Question<Answer>
  let channel: Channel
  /// The family of addresses that was asked for.
  let family: SocketAddress.Family?

  init(_ question: Question<Answer>, of family: SocketAddress.Family? = nil, channel: Channel) {
    self.question = question
    self.family = family
    self.channel = channel
  }

  /// Hands it to the library, which gives it back with the answer.
  var handle: UnsafeMutableRawPointer { unsafe Unmanaged.passRetained(self).toOpaque() }

  /// Takes it back.
  static func returned(_ handle: UnsafeMutableRawPointer) -> Asked {
    unsafe Unmanaged<Asked>.fromOpaque(handle).takeRetainedValue()
  }
}

/// Called exactly once for each `ask` with a message, perhaps within it.
private func takeMessage(
  _ data: UnsafeMutableRawPointer?, _ status: Int32, _ timeouts: Int32,
  _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) {
  guard let data = unsafe data else { return }
  let asked = unsafe Asked<RawAnswer>.returned(data)
  let message = unsafe UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count))
  unsafe asked.question.take(RawAnswer(status: status, message: Array(message)))
}

/// Called exactly once for each `ask` for MX records, perhaps within it.
private func takeExchangers(
  _ data: UnsafeMutableRawPointer?, _ status: Int32, _ timeouts: Int32,
  _ message: UnsafeMutablePointer<UInt8>?, _ count: Int32
) {
  guard let data = unsafe data else { return }
  let asked = unsafe Asked<ExchangerAnswer>.returned(data)
  guard status == ARES_SUCCESS, let message = unsafe message else {
    return asked.question.take(ExchangerAnswer(status: status, hosts: []))
  }
  var first: UnsafeMutablePointer<ares_mx_reply>?
  let outcome = unsafe ares_parse_mx_reply(message, count, &first)
  var hosts: [MailExchangers.Host] = []
  var next = unsafe first
  while let record = unsafe next {
    let name = unsafe record.pointee.host.map { unsafe String(cString: $0) } ?? ""
    unsafe hosts.append(MailExchangers.Host(name: name, preference: record.pointee.priority))
    unsafe next = record.pointee.next
  }
  unsafe ares_free_data(first)
  let isRead = outcome == ARES_SUCCESS || outcome == ARES_ENODATA
  asked.question.take(ExchangerAnswer(status: isRead ? outcome : ARES_EBADRESP, hosts: hosts))
}

private func noteSocket(_ data: UnsafeMutableRawPointer?, _ number: Int32, _ reads: Int32, _ writes: Int32) {
  guard let data = unsafe data else { return }
  let readiness: Readiness = [reads != 0 ? .read : [], writes != 0 ? .write : []]
  unsafe Unmanaged<SocketChanges>.fromOpaque(data).takeUnretainedValue()
    .note(SocketChanges.Change(number: number, readiness: readiness))
}

/// Called exactly once for each `ask`, perhaps within it.
private func takeAddresses(
  _ data: UnsafeMutableRawPointer?, _ status: Int32, _ timeouts: Int32,
  _ result: UnsafeMutablePointer<ares_addrinfo>?
) {
  guard let data = unsafe data else { return }
  let asked = unsafe Asked<FamilyAnswer>.returned(data)
  var addresses: [SocketAddress] = []
  var node = unsafe result?.pointee.nodes
  while let entry = unsafe node {
    if let address = unsafe entry.pointee.ai_addr.flatMap({ unsafe SocketAddress(UnsafePointer($0)) }) {
      addresses.append(address)
    }
    unsafe node = entry.pointee.ai_next
  }
  unsafe ares_freeaddrinfo(result)
  asked.question.take(
    FamilyAnswer(family: asked.family ?? .ipv4, status: status, addresses: addresses, at: .now()))
}

/// The library's words for a status.
func words(_ status: Int32) -> String {
  guard let text = unsafe ares_strerror(status) else { return "status \(status)" }
  return unsafe String(cString: text)
}
