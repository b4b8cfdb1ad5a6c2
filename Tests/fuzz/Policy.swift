import Policy

/// What a domain publishes: policies, records and their parts; what is taken keeps to its grammar.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Input(start, count)
  do throws(MTASTSPolicy.Fault) {
    let policy = try MTASTSPolicy(input.rest)
    require(policy.mode == .none || !policy.mx.isEmpty, "a policy for no host")
    require(policy.mx.allSatisfy { !$0.isEmpty && $0 == $0.lowercased() }, "a pattern that matches nothing")
  } catch {
    check(error.description)
  }
  let texts = input.rest.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
  do throws(RecordFault) {
    require((1...32).contains(try MTASTSRecord(texts).id.utf8.count), "an id beyond its bounds")
  } catch {
    check(error.description)
  }
  do throws(RecordFault) { _ = try TLSRPTRecord(texts) } catch { check(error.description) }
  if let record = TLSARecord(data: input.rest) {
    require(record.text.utf8.count < 200, "a record without end")
    _ = record.isUsable
  }
  return 0
}

private func check(_ words: String) {
  require(!words.isEmpty && words.utf8.count < 1024, "a refusal without a sentence")
  require(!words.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character is shown")
}
