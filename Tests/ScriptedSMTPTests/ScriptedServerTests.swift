import Base
import Loop
import Model
import TLS
import Testing

@testable import ScriptedSMTP

/// What a server does to a plain socket.
@Suite(.timeLimit(.minutes(20))) struct ScriptedServerTests {
  @Test func `lines are said and read in turn`() throws {
    let talk = try talk(#"S"220 m" R(EHLO) S"250 ok" R(QUIT) S"221 b" F"#) { client in
      await client.hear()
      await client.say("EHLO a\r\n")
      await client.hear()
      await client.say("QUIT\r\n")
      await client.hearAll()
    }
    #expect(talk.heardByClient == "220 m\r\n250 ok\r\n221 b\r\n")
    #expect(talk.heardByServer == ["EHLO a\r\nQUIT\r\n"])
    #expect(talk.end == .endOfStream)
  }

  @Test func `a line that the script does not want ends it`() throws {
    let talk = try talk(#"S"220 m" R(EHLO) S"250 ok""#) { client in
      await client.say("ehl0\r\n")
      await client.hearAll()
    }
    #expect(talk.heardByClient == "220 m\r\n500 5.5.1 the script wants EHLO\r\n")
  }

  @Test(arguments: ["ehlo a\r\n", "EHLO a\n", "Ehlo\r\n"])
  func `verbs are read in either case, with either line end`(line: String) throws {
    let talk = try talk(#"R(EHLO) S"250 ok" F"#) { client in
      await client.say(line)
      await client.hearAll()
    }
    #expect(talk.heardByClient == "250 ok\r\n")
  }

  @Test func `what a client says before the greeting is told apart`() throws {
    let early = try talk(#"W(0.05) S"220 m" R(EHLO) F"#) { client in
      await client.say("EHLO a\r\n")
      await client.hearAll()
    }
    #expect(early.early == ["EHLO a\r\n"])
    let patient = try talk(#"S"220 m" R(EHLO) F"#) { client in
      await client.hear()
      await client.say("EHLO a\r\n")
      await client.hearAll()
    }
    #expect(patient.early == [""])
    #expect(patient.heardByServer == ["EHLO a\r\n"])
  }

  @Test func `raw bytes are sent without a line end`() throws {
    let talk = try talk("X(414243) F") { await $0.hearAll() }
    #expect(talk.heardByClient == "ABC")
  }

  @Test func `RST is not FIN`() throws {
    let talk = try talk("R() Z") { client in
      await client.say("\r\n")
      await client.hearAll()
    }
    #expect(talk.end == .reset)
  }

  @Test func `a connection that is held says nothing and hears all`() throws {
    let talk = try talk("H") { await $0.say("anything\r\nat all") }
    #expect(talk.heardByClient == "")
    #expect(talk.heardByServer == ["anything\r\nat all"])
  }

  @Test func `a message is read to its dot`() throws {
    let talk = try talk(#"RM S"250 queued" F"#) { client in
      await client.say("Subject: x\r\n\r\n..a\r\n. \r\n.\r\n")
      await client.hearAll()
    }
    #expect(talk.heardByClient == "250 queued\r\n")
  }

  @Test func `a ClientHello is read and left unanswered`() throws {
    let talk = try talk(#"RCH S"what" F"#) { client in
      await client.say("\u{16}\u{3}\u{1}\0\u{5}hel")
      await client.say("lo")
      await client.hearAll()
    }
    #expect(talk.heardByClient == "what\r\n")
  }

  @Test(arguments: [
    ("E", "250-m.test\r\n250-SIZE 1000000\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n"),
    ("E-AUTH", "250-m.test\r\n250-SIZE 1000000\r\n250-STARTTLS\r\n250 8BITMIME\r\n"),
    ("E-SIZE-8BITMIME", "250-m.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"),
    ("E-SIZE-STARTTLS-AUTH-8BITMIME", "250 m.test\r\n"),
  ])
  func `keywords can be left out`(step: String, reply: String) throws {
    #expect(try talk("\(step) F") { await $0.hearAll() }.heardByClient == reply)
  }

  @Test(arguments: [
    ("EHLO a", "250-m.test\r\n250-SIZE 1000000\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n"),
    ("HELO a", "250 m.test\r\n"),
    ("mail from:<>", "250 2.1.0 Ok\r\n"),
    ("RCPT TO:<a@b>", "250 2.1.0 Ok\r\n"),
    ("RSET", "250 2.1.0 Ok\r\n"),
    ("NOOP", "250 2.1.0 Ok\r\n"),
    ("STARTTLS", "220 2.0.0 Ready to start TLS\r\n"),
    ("AUTH PLAIN AGEAYg==", "235 2.7.0 Authentication successful\r\n"),
    ("AUTH PLAIN\r\nAGEAYg==", "334 \r\n235 2.7.0 Authentication successful\r\n"),
    (
      "AUTH LOGIN\r\nYQ==\r\nYg==",
      "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 Authentication successful\r\n"
    ),
    ("AUTH LOGIN YQ==\r\nYg==", "334 UGFzc3dvcmQ6\r\n235 2.7.0 Authentication successful\r\n"),
    ("AUTH NTLM", "504 5.5.4 Unrecognized authentication type\r\n"),
    ("DATA\r\nQUIT\r\n..\r\n.", "354 End data with <CR><LF>.<CR><LF>\r\n250 2.0.0 queued as SCRIPTED\r\n"),
    ("VRFY a", "500 5.5.1 Error: command not recognized\r\n"),
    ("QUIT", "221 2.0.0 Bye\r\n"),
  ])
  func `a good server answers every command`(lines: String, replies: String) throws {
    let talk = try talk("OK") { client in
      await client.say(lines + "\r\n")
      await client.hear(replies.utf8.count)
    }
    #expect(talk.heardByClient == replies)
  }

  @Test func `scripts are played one a connection, the last for all further ones`() throws {
    let greetings = try onLoop { loop in
      let server = try scripted(#"S"220 one" F"#, #"S"220 two" F"#)
      Task(executorPreference: loop.executor) { await server.run(on: loop) }
      var greetings: [String] = []
      for _ in 0..<3 {
        var client = try await PlainClient(server.address, on: loop)
        await client.hearAll()
        greetings.append(client.text)
      }
      return greetings
    }
    #expect(greetings == ["220 one\r\n", "220 two\r\n", "220 two\r\n"])
  }

  @Test(arguments: [
    ("T(nobody)", "no certificate is called 'nobody'"),
    ("T(good,ssl3)", "T(…) knows no limit 'ssl3'"),
  ])
  func `a certificate that there is not is named`(script: String, words: String) {
    let error = #expect(throws: ScriptedServerError.self) { try scripted(script) }
    #expect(error?.description == words)
  }

  @Test func `an address that is taken is named`() throws {
    let server = try scripted("H")
    let error = #expect(throws: ScriptedServerError.self) {
      try ScriptedServer([Script(steps: [.hold])], identities: identities.get(), on: server.address)
    }
    #expect(error?.description.contains("EADDRINUSE") == true)
  }
}
