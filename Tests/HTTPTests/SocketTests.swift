import Foundation
import Testing

@testable import HTTP

private func folder() throws -> String {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("s-\(UUID().uuidString.prefix(8))")
    .path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

private func server(_ path: String) throws -> HTTPServer {
  try HTTPServer(addresses: [.unix(path: path)]) { request in
    .now(.text(request.client == nil ? "nobody" : "somebody"))
  }
}

/// Asks on a Unix socket.
private func ask(_ path: String) throws -> PlainClient.Answer {
  let descriptor = try PlainClient.connect(unix: path)
  defer { close(descriptor) }
  PlainClient.send(descriptor, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
  return try PlainClient.answer(of: PlainClient.readAll(descriptor))
}

@Test func `a Unix socket serves, is for owner and group, and goes with its server`() throws {
  let folder = try folder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let server = try server("\(folder)/web")
  defer { server.stop() }
  #expect(try ask("\(folder)/web").text == "nobody\n")
  let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/web")[.posixPermissions] as? Int
  #expect(mode == 0o660)
  server.stop()
  #expect(!FileManager.default.fileExists(atPath: "\(folder)/web"))
}

@Test func `a socket that was left behind is replaced, one that is served is not`() throws {
  let folder = try folder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let path = "\(folder)/web"
  // What a program leaves behind that was killed.
  close(try UnixSocketFile.open(path))
  let server = try server(path)
  defer { server.stop() }
  #expect(try ask(path).status == 200)
  let error = #expect(throws: HTTPServerError.portInUse(.unix(path: path))) {
    try HTTPServer(addresses: [.unix(path: path)]) { _ in .now(.text("")) }
  }
  #expect(error?.description.contains("another program serves there") == true)
  #expect(try ask(path).status == 200)
}

@Test func `a file that is no socket stays, and a missing folder is named`() throws {
  let folder = try folder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  _ = FileManager.default.createFile(atPath: "\(folder)/web", contents: Data("mine".utf8))
  #expect(throws: HTTPServerError.notASocket(.unix(path: "\(folder)/web"))) { try server("\(folder)/web") }
  #expect(FileManager.default.contents(atPath: "\(folder)/web") == Data("mine".utf8))
  #expect(throws: HTTPServerError.noFolder(.unix(path: "\(folder)/no/web"))) {
    try server("\(folder)/no/web")
  }
}

@Test(arguments: ["unix:/run/web.sock", "unix:/a b"])
func `paths of Unix sockets are addresses`(text: String) {
  #expect(ListenAddress(text)?.description == text)
}

@Test(arguments: ["unix:", "unix:relative", "unix:/" + String(repeating: "x", count: 107)])
func `other paths are none`(text: String) { #expect(ListenAddress(text) == nil) }

@Test(arguments: [
  [:], ["LISTEN_FDS": "1"], ["LISTEN_FDS": "1", "LISTEN_PID": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "0"],
])
func `sockets that were passed to nobody, or to somebody else, are not taken`(environment: [String: String]) {
  #expect(throws: HTTPServerError.noPassedSockets) {
    try PassedSockets.addresses(environment: environment, process: 7)
  }
}
