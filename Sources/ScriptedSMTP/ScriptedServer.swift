import Base
package import Loop
import TLS

/// An SMTP server that does with each connection what a script says. Serves the demonstration and the tests.
package final class ScriptedServer: Sendable {
  /// Where it listens; the port is the real one where 0 was asked for.
  package let address: SocketAddress

  private let listener: Listener
  /// What each connection gets; the last script serves all further ones.
  private let scripts: [PreparedScript]
  private let answers: Answers
  private let connections = Locked<[Hearing]>([])

  /// A server that listens at once, and serves from `run` on.
  ///
  /// - Throws: `ScriptedServerError` where the address is taken or a script asks for what there is not.
  package init(
    _ scripts: [Script], identities: Identities, host: String = "mail.example.test",
    on address: SocketAddress = .loopback(), backlog: Int32 = 128
  ) throws(ScriptedServerError) {
    precondition(!scripts.isEmpty, "a server needs a script")
    do throws(SystemError) {
      listener = try Listener(on: address, backlog: backlog)
    } catch {
      throw .address(error)
    }
    self.address = listener.address
    answers = Answers(host: host)
    do throws(ScriptError) {
      var prepared: [PreparedScript] = []
      for script in scripts { prepared.append(try PreparedScript(script, identities: identities)) }
      self.scripts = prepared
    } catch {
      throw .script(error)
    }
  }

  /// What the clients sent, a connection each, in the order of their ends; what came through TLS in plaintext.
  package var heard: [[UInt8]] { connections.withLock { $0.map(\.bytes) } }

  /// What each of these clients sent before the server had said a word.
  package var heardEarly: [[UInt8]] { connections.withLock { $0.map(\.early) } }

  /// Accepts connections until the loop or the task ends.
  package func run(on loop: isolated EventLoop) async {
    var count = 0
    while !Task.isCancelled {
      guard case .success(let socket) = await listener.accept(on: loop) else { return }
      let script = scripts[min(count, scripts.count - 1)]
      count += 1
      serve(socket, script, on: loop)
    }
  }

  private func serve(_ socket: consuming Socket, _ script: PreparedScript, on loop: isolated EventLoop) {
    var connection: ScriptedConnection? = ScriptedConnection(socket)
    Task(executorPreference: loop.executor) { [answers, connections] in
      guard let accepted = connection.take() else { return }
      let hearing = await script.play(over: accepted, answers: answers, on: loop)
      connections.withLock { $0.append(hearing) }
    }
  }
}

/// Why a scripted server cannot be.
package enum ScriptedServerError: Error, CustomStringConvertible {
  case address(SystemError)
  case script(ScriptError)

  package var description: String {
    switch self {
    case .address(let error): error.description
    case .script(let error): error.description
    }
  }
}
