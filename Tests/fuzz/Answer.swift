import DNS

/// Messages of resolvers: read within their bounds, names with an end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var input = Input(start, count)
  let type = input.choice(of: [RecordType.cname, .txt, .tlsa, .a])
  do throws(DNSError) {
    let answer = try RecordAnswer(input.rest, type: type)
    require(answer.records.allSatisfy { $0.count < 65_536 }, "more data than a message has")
    require(type != .cname || answer.records.allSatisfy { $0.count < 512 }, "a name without end")
    require(answer.canonicalName.map { !$0.isEmpty || type == .a } ?? true, "an alias of nothing")
    if type == .txt { _ = answer.texts }
  } catch {
    require(!"\(error)".isEmpty, "refused without a reason")
  }
  return 0
}
