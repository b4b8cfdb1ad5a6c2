import Model
import TLS
import Testing

/// The present of all tests.
let present = Timestamp(seconds: 1_790_000_000)

/// A client and a server with nothing but memory between them.
final class Wire {
  let client: TLSSession
  let server: TLSSession
  /// As many bytes as are handed over at once.
  private let chunk: Int

  init(client: TLSContext, server: TLSContext, name: String? = "mail.example.test", chunk: Int = .max) {
    self.client = TLSSession(client: client, serverName: name)
    self.server = TLSSession(server: server)
    self.chunk = chunk
  }

  /// Both handshakes, until neither goes on.
  func shakeHands() -> (client: TLSSession.HandshakeProgress, server: TLSSession.HandshakeProgress) {
    var (ours, theirs) = (client.handshake(), server.handshake())
    while carry() {
      (ours, theirs) = (client.handshake(), server.handshake())
    }
    return (ours, theirs)
  }

  /// Hands over what waits; the receivers go on with their handshakes after each chunk. False if nothing waited.
  @discardableResult
  func carry() -> Bool { deliver(from: client, to: server) || deliver(from: server, to: client) }

  private func deliver(from sender: TLSSession, to receiver: TLSSession) -> Bool {
    var ciphertext: [UInt8] = []
    guard sender.takeOutgoing(&ciphertext) > 0 else { return false }
    var rest = ciphertext[...]
    while !rest.isEmpty {
      receiver.receive(rest.prefix(chunk))
      rest = rest.dropFirst(chunk)
      _ = receiver.handshake()
    }
    return true
  }
}

/// Reads until nothing more comes, and says how it ended.
func drain(_ session: TLSSession) -> (text: String, end: TLSSession.ReadProgress) {
  var plaintext: [UInt8] = []
  while true {
    let progress = session.read(&plaintext)
    if case .bytes = progress { continue }
    return (String(decoding: plaintext, as: UTF8.self), progress)
  }
}

/// The fault of a handshake.
func fault(_ progress: TLSSession.HandshakeProgress) -> TLSFault? {
  if case .failed(let fault) = progress { fault } else { nil }
}

/// The fault of a read.
func fault(_ progress: TLSSession.ReadProgress) -> TLSFault? {
  switch progress {
  case .failed(let fault), .closed(let fault): fault
  case .bytes, .wantsBytes: nil
  }
}

/// An authority, its trust, and a good identity, minted once.
struct Lab: Sendable {
  let root: CertificateAuthority
  let middle: CertificateAuthority
  let trust: TrustStore
  let good: Identity

  static let shared: Lab = {
    do {
      return try Lab()
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private init() throws(TLSMaterialError) {
    root = try CertificateAuthority(name: "Lab root", at: present)
    middle = try root.intermediate(name: "Lab intermediate")
    trust = TrustStore(authorities: [root.certificate])
    good = try middle.issue(CertificateRecipe(names: ["mail.example.test"]))
  }

  /// A server with an identity.
  func server(_ identity: Identity? = nil) throws -> TLSContext {
    try TLSContext(server: ServerOptions(identity: identity ?? good))
  }
}
