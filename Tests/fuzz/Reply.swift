import SMTP

/// All replies of some bytes, which come in pieces of `size`; and how it ended.
private func replies(_ bytes: [UInt8], inPiecesOf size: Int) -> (replies: [Reply], error: ReplyError?) {
  var parser = ReplyParser()
  var found: [Reply] = []
  do throws(ReplyError) {
    for start in stride(from: 0, to: bytes.count, by: size) {
      parser.append(bytes[start..<min(start + size, bytes.count)])
      while let reply = try parser.next() { found.append(reply) }
    }
    return (found, nil)
  } catch {
    return (found, error)
  }
}

/// Replies and the capabilities in them: the same however the stream is cut, and within their limits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var input = Input(start, count)
  let size = 1 + input.choice(of: 64)
  let whole = replies(input.rest, inPiecesOf: max(1, input.rest.count))
  let cut = replies(input.rest, inPiecesOf: size)
  require(whole.replies == cut.replies, "the cut changes the replies")
  require((whole.error == nil) == (cut.error == nil), "the cut changes the error")
  for reply in whole.replies {
    require((200...599).contains(reply.code) && !reply.lines.isEmpty, "no reply")
    require(reply.lines.count <= ReplyParser.maximumLines, "too many lines")
    require(
      !reply.text.utf8.contains { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F }, "a control character is shown")
    _ = reply.enhancedCode
    let capabilities = Capabilities(reply)
    _ = (capabilities.offersSTARTTLS, capabilities.sizeLimit, capabilities.isMasked)
    require(Set(capabilities.authMechanisms).count == capabilities.authMechanisms.count, "a mechanism twice")
    for line in capabilities.lines { _ = capabilities.contains(line) }
  }
  return 0
}
