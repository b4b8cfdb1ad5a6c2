import Model

/// The login (RFC 4954).
extension ClientSession {
  /// The longest command line with its CRLF (RFC 5321 section 4.5.3.1.4).
  private static var maximumCommand: Int { 512 }

  func login(_ login: SessionPlan.Login) -> Action {
    let needsTLS = login.mechanism?.needsTLS ?? false
    guard isInTLS || (login.allowPlaintext && !needsTLS) else { return fail(.authWithoutTLS, at: .auth) }
    let offered = capabilities.authMechanisms
    guard !offered.isEmpty else { return fail(.authNotOffered, at: .auth) }
    let acceptable = MechanismChoice.acceptable(
      wanted: login.mechanism, proof: login.proof, isBindable: channelBinding != nil,
      hasMD5: login.cryptography.hasMD5)
    guard let mechanism = MechanismChoice.choose(among: acceptable, offered: offered) else {
      // What is wanted is acceptable, unless this session has nothing to bind to, or this system no MD5.
      let wanted = login.mechanism.map { [$0] } ?? acceptable
      return fail(.noCommonMechanism(offered: offered, wanted: wanted.map(\.rawValue)), at: .auth)
    }
    var client = MechanismChoice.client(mechanism, of: login, offered: offered, binding: channelBinding)
    redaction = login.redaction
    let response = client.initialResponse()
    saslClient = client
    let encoded = response.map(Base64.encode)
    if let encoded { redaction.hide(base64: encoded) }
    let command = Command.auth(mechanism, encoded: encoded)
    guard command.wire.count <= Self.maximumCommand else {
      postponedResponse = response
      return send(.auth(mechanism), awaiting: .auth)
    }
    return send(command, awaiting: .auth)
  }

  func afterAUTH(_ reply: Reply) -> Action {
    isInExchange = reply.code == 334
    switch reply.code {
    case 334: return answer(reply)
    case 235:
      do throws(SASLError) {
        try saslClient?.confirm()
      } catch {
        return fail(.sasl(error))
      }
      isAuthenticated = true
      return unwantedAcceptance(reply) ?? transact()
    default: return reject(reply)
    }
  }

  /// What the answer to a reply will want salted, so that it can be done elsewhere: it takes long.
  package func salting(askedBy reply: Reply) -> PasswordSalting? {
    guard reply.code == 334, phase == .auth, postponedResponse == nil else { return nil }
    return Base64.decode(reply.lines.last ?? []).flatMap { saslClient?.salting(askedBy: $0) }
  }

  private func answer(_ reply: Reply) -> Action {
    guard var client = saslClient else { preconditionFailure("AUTH is said with a mechanism only") }
    if let response = postponedResponse {
      postponedResponse = nil
      return respond(response, of: client.mechanism)
    }
    do throws(SASLError) {
      let response = try client.respond(to: challenge(in: reply, for: client))
      saslClient = client
      if let telling = client.tellingChallenge { redaction.hide(base64: Base64.encode(telling)) }
      return respond(response, of: client.mechanism)
    } catch {
      return fail(.sasl(error))
    }
  }

  private func respond(_ response: [UInt8], of mechanism: Mechanism) -> Action {
    isInExchange = false
    redaction.hide(base64: Base64.encode(response))
    return send(.response(response, of: mechanism), awaiting: .auth)
  }

  private func challenge(in reply: Reply, for client: some SASLClient) throws(SASLError) -> [UInt8] {
    let text = reply.lines.last ?? []
    if let challenge = Base64.decode(text) { return challenge }
    guard !client.readsChallenges else {
      throw .malformedChallenge([UInt8](redaction.redacted(Array(text)).prefix(120)))
    }
    return []
  }
}
