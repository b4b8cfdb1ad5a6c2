package import Model

/// What `/probe` may do about a request: a target, and what was left out of it.
package struct RequestedTarget: Sendable, Equatable {
  package var target: Target
  /// The configured target whose host and port were asked for in its own module's way; only then may the probe
  /// log in.
  package var configured: String?
  /// Whether the module has credentials that were withheld.
  package var isWithoutCredentials = false
}

/// Why a request to probe is refused.
package enum RequestedTargetError: Error, Sendable, Equatable {
  /// The target cannot be read.
  case target(Complaint)
  case unknownModule(known: [String])
  /// `probe.allow` does not let the host be probed.
  case notAllowed(host: String)
}

extension Settings {
  /// The target that a request names: `HOST`, `HOST:PORT` or a URL, with a module's name or none.
  ///
  /// A configured target that is asked for by host and port, in its own module's way or without a module, is
  /// probed with its own settings. Anything else is probed in the way of the module, without its credentials:
  /// whoever may ask could otherwise have them sent to a server of his own.
  package func requestedTarget(
    _ text: String, module: String?
  ) throws(RequestedTargetError) -> RequestedTarget {
    let endpoint = try Self.server(text)
    if let module, modules[module] == nil { throw .unknownModule(known: modules.keys.sorted()) }
    let sameHost = targets.filter { $0.host.lowercased() == endpoint.host.lowercased() }
    // A host of ours, but not each of its doors: what answers on the others is nobody's business who may ask here.
    let isPortOurs = MailPort.isForMail(endpoint.port) || sameHost.contains { $0.port == endpoint.port }
    guard allowance.permits(host: endpoint.host, isConfigured: !sameHost.isEmpty && isPortOurs) else {
      let isKnown = allowance.configured && !sameHost.isEmpty
      throw .notAllowed(
        host: isKnown ? "\(HostPort(host: endpoint.host, port: endpoint.port))" : endpoint.host)
    }

    let known = sameHost.first { target in
      (!endpoint.isPortGiven || target.port == endpoint.port)
        && (module.map { $0 == target.module } ?? true)
        && (!endpoint.isModeGiven
          || (target.settings.tls.mode, target.dialect) == (endpoint.tlsMode, endpoint.dialect))
    }
    if let known { return RequestedTarget(target: known, configured: known.name) }
    guard var target = self.target(for: endpoint, module: module ?? "default") else {
      throw .unknownModule(known: modules.keys.sorted())
    }
    let settings = target.settings
    target.name = "\(HostPort(host: target.host, port: target.port))"
    target.settings.auth = nil
    target.settings.tls.certFile = nil
    target.settings.tls.keyFile = nil
    return RequestedTarget(target: target, isWithoutCredentials: target.settings != settings)
  }

  private static func server(_ text: String) throws(RequestedTargetError) -> Endpoint.Server {
    do throws(Complaint) { return try Endpoint.parse(text).server } catch { throw .target(error) }
  }
}
