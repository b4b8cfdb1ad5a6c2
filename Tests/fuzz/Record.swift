import Model
import Monitor

/// Records of a history file: whatever stands there is read without harm, and what is a record is written again as
/// it was.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Input(start, count).rest
  var words = [UInt64](repeating: 0, count: ResultRecord.Layout.words)
  for (index, byte) in bytes.prefix(8 * words.count).enumerated() {
    words[index / 8] |= UInt64(byte) << UInt64(8 * (index % 8))
  }
  guard let record = ResultRecord(words: words[...]) else { return 0 }
  let again = record.words
  let copy = again.indices.map { again[$0] }
  require(ResultRecord(words: copy[...]) == record, "what is written is not what was read")
  return 0
}
