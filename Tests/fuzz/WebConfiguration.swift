import Configuration
import Foundation

private let file = FileManager.default.temporaryDirectory.appending(
  path: "web-\(ProcessInfo.processInfo.processIdentifier).yml")

/// The exporter-toolkit's file: every complaint has its place and its words, and shows no hash.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  do { try Data(Input(start, count).rest).write(to: file) } catch { return 0 }
  do throws(ConfigurationError) {
    _ = try WebSettings.load(file: file.path)
  } catch {
    require(!error.findings.isEmpty, "refused without a reason")
    for finding in error.findings {
      let text = "\(finding)"
      require(text.hasPrefix(file.path), "a complaint without its place: \(text)")
      require(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a complaint in more than one line: \(text)")
      require(!text.contains("$2y$"), "a hash is shown")
    }
  }
  return 0
}
