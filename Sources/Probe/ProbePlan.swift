import Base
import Diagnosis
package import Model
package import SMTP
package import TLS

/// One target made ready to be probed: certificates loaded, names checked, once for all its probes.
package final class ProbePlan: Sendable {
  package let target: Target
  let tlsContext: TLSContext
  let trust: TrustStore
  /// The name of SNI and of the certificate check.
  let serverName: String
  let ehloName: EHLOName
  private let conversation: SessionPlan
  private let introduction = Locked<Introduction?>(nil)

  /// A plan for a target; throws where a file or a name of it cannot be used.
  ///
  /// - Parameters:
  ///   - hostName: what to call ourselves where the target does not say; usually this host's full name.
  ///   - materials: shares certificates among the targets of one configuration.
  package init(
    target: Target, hostName: String, materials: TLSMaterials
  ) throws(ProbePlanError) {
    let settings = target.settings
    self.target = target
    do throws(TLSMaterialError) {
      tlsContext = try materials.context(for: settings.tls)
      trust = try materials.trust(for: settings.tls)
    } catch {
      throw .material(error)
    }
    serverName = settings.tls.serverName ?? target.host
    do throws(AddressError) {
      ehloName = try EHLOName(settings.ehlo ?? hostName)
      conversation = try Self.conversation(target, ehloName: ehloName)
    } catch {
      throw .address(error)
    }
  }

  /// What a session of one probe is to do.
  func sessionPlan(
    sendsMessage: Bool, logsIn: Bool, at time: Timestamp
  ) throws(ProbeFailure) -> SessionPlan {
    guard logsIn || conversation.login == nil else { return conversation.withoutLogin }
    guard sendsMessage, let send = target.settings.send else { return conversation }
    var plan = conversation
    do throws(AddressError) {
      plan.transaction = .message(try message(send, at: time))
    } catch {
      // The addresses were checked with the configuration; a target made by hand may hold anything.
      throw ProbeFailure(.configuration(.configInvalid, error.description), at: .config)
    }
    return plan
  }

  /// What a server says of itself, and what it came to in a result.
  private struct Introduction {
    var greeting: Reply
    var capabilities: Capabilities
    var mechanism: Mechanism?
    var facts: SMTPFacts
  }

  /// What the server said of itself; nil where it did not greet. A server says the same at every probe: the
  /// results that saw the same share it.
  func facts(of session: ClientSession) -> SMTPFacts? {
    guard let greeting = session.greeting else { return nil }
    let capabilities = session.capabilities
    let mechanism = session.isAuthenticated ? session.mechanism : nil
    return introduction.withLock { known in
      if let known, known.greeting == greeting, known.capabilities == capabilities,
        known.mechanism == mechanism
      {
        return known.facts
      }
      let facts = SMTPFacts(
        banner: greeting.text, capabilities: capabilities.lines, authMechanisms: capabilities.authMechanisms,
        authMechanism: mechanism?.rawValue, sizeLimit: capabilities.sizeLimit)
      known = Introduction(
        greeting: greeting, capabilities: capabilities, mechanism: mechanism, facts: facts)
      return facts
    }
  }

  private func message(_ send: SendSettings, at time: Timestamp) throws(AddressError) -> Message {
    let token = CryptographicLibrary.randomBytes(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      .joined()
    return Message(
      from: try Mailbox(sender: send.envelope.from), to: try Mailbox(send.envelope.to), subject: send.subject,
      date: time, token: token, host: ehloName, target: target.name)
  }

  private static func conversation(_ target: Target, ehloName: EHLOName) throws(AddressError) -> SessionPlan {
    let settings = target.settings
    var plan = SessionPlan(tlsMode: settings.tls.mode, ehloName: ehloName, dialect: target.dialect)
    if let auth = settings.auth {
      plan.login = SessionPlan.Login(
        auth, host: target.host, port: target.port, cryptography: LoginCryptography())
    }
    if let envelope = settings.envelope {
      plan.transaction = .envelope(from: try Mailbox(sender: envelope.from), to: try Mailbox(envelope.to))
    }
    if let pattern = settings.expect.banner {
      plan.banner = SessionPlan.BannerExpectation(pattern: pattern) { banner in
        // The configuration compiled the pattern before; a regular expression may not be shared by threads.
        (try? Regex(pattern)).map { banner.contains($0) } ?? false
      }
    }
    plan.expectedCapabilities = settings.expect.capabilities
    plan.expectedRejection = settings.expect.reject
    return plan
  }
}

/// Why a target cannot be probed at all.
package enum ProbePlanError: Error, Sendable, CustomStringConvertible {
  case material(TLSMaterialError)
  case address(AddressError)

  package var description: String {
    switch self {
    case .material(let error): error.description
    case .address(let error): error.description
    }
  }

  /// What a probe of such a target reports.
  package var reason: Reason {
    switch self {
    case .material: .configTlsMaterial
    case .address: .configInvalid
    }
  }
}

extension SessionPlan {
  /// The plan up to where the login would begin: what follows may need it.
  fileprivate var withoutLogin: SessionPlan {
    var plan = self
    plan.login = nil
    plan.transaction = nil
    switch expectedRejection {
    case .auth, .mail, .rcpt, .data, .message: plan.expectedRejection = nil
    default: break
    }
    return plan
  }
}

extension Mailbox {
  /// A sender; the empty address is the null sender.
  fileprivate init?(sender: String) throws(AddressError) {
    guard !sender.isEmpty else { return nil }
    try self.init(sender)
  }
}
