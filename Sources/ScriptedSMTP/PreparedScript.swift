import Base
import Loop
import TLS

/// A script with its certificates at hand.
struct PreparedScript: Sendable {
  private let steps: [Script.Step]
  /// By the position of the step that wants one.
  private let contexts: [Int: TLSContext]
  /// For STARTTLS behind `OK`.
  private let good: TLSContext

  init(_ script: Script, identities: Identities) throws(ScriptError) {
    steps = script.steps
    var contexts: [Int: TLSContext] = [:]
    for (index, step) in script.steps.enumerated() {
      if case .secure(let name, let limits) = step {
        contexts[index] = try Self.context(identities.options(name, limits: limits))
      }
    }
    self.contexts = contexts
    good = try Self.context(identities.options("good", limits: []))
  }

  private static func context(_ options: ServerOptions) throws(ScriptError) -> TLSContext {
    do throws(TLSMaterialError) {
      return try TLSContext(server: options)
    } catch {
      throw ScriptError(description: error.description)
    }
  }

  /// Does what the script says with one connection, and tells what was heard.
  func play(
    over accepted: consuming ScriptedConnection, answers: Answers, on loop: isolated EventLoop
  ) async -> Hearing {
    var connection = accepted
    for (index, step) in steps.enumerated() {
      var goesOn = true
      switch step {
      case .send(let bytes): goesOn = await connection.send(bytes, on: loop)
      case .sendRaw(let bytes): goesOn = await connection.sendRaw(bytes, on: loop)
      case .offer(let without):
        let reply = answers.ehlo(without: without, isSecured: connection.isSecured)
        goesOn = await connection.send(reply, on: loop)
      case .read(let verb): goesOn = await read(verb, from: &connection, on: loop)
      case .readMessage:
        var line: [UInt8]? = []
        while let read = line, read != [UInt8(ascii: ".")] { line = await connection.readLine(on: loop) }
        goesOn = line != nil
      case .readClientHello: goesOn = await connection.readClientHello(on: loop)
      case .secure: goesOn = await connection.secure(contexts[index] ?? good, on: loop)
      case .wait(let time): goesOn = await loop.sleep(until: .now().advanced(by: time))
      case .lose(let time): goesOn = await connection.lose(for: time, on: loop)
      case .renegotiate: goesOn = await connection.renegotiate(on: loop)
      case .hold: await connection.hold(on: loop)
      case .finish:
        await connection.finish(on: loop)
        goesOn = false
      case .reset: return connection.reset()
      case .acceptAll:
        await acceptAll(over: &connection, answers: answers, on: loop)
        goesOn = false
      }
      guard goesOn else { break }
    }
    return connection.hearing
  }

  private func read(
    _ verb: String, from connection: inout ScriptedConnection, on loop: isolated EventLoop
  ) async -> Bool {
    guard let line = await connection.readLine(on: loop) else { return false }
    guard !line.uppercased().hasPrefix(verb.uppercased()) else { return true }
    // Who leaves early does no wrong.
    let reply = line.uppercased() == "QUIT" ? "221 2.0.0 Bye" : "500 5.5.1 the script wants \(verb)"
    _ = await connection.send(Array("\(reply)\r\n".utf8), on: loop)
    await connection.finish(on: loop)
    return false
  }

  /// Answers every command well until QUIT.
  private func acceptAll(
    over connection: inout ScriptedConnection, answers: Answers, on loop: isolated EventLoop
  ) async {
    var state = Answers.State()
    while let line = await connection.readLine(on: loop) {
      let answer = answers.answer(line, &state, isSecured: connection.isSecured)
      if let reply = answer.reply {
        guard await connection.send(reply, on: loop) else { return }
      }
      switch answer.next {
      case .goOn: continue
      case .startTLS: guard await connection.secure(good, on: loop) else { return }
      case .close: return await connection.finish(on: loop)
      }
    }
  }
}

extension [UInt8] {
  fileprivate func uppercased() -> String { String(decoding: self, as: UTF8.self).uppercased() }
}
