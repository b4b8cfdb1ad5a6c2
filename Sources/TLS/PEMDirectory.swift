import Glibc

/// A directory of PEM files. Its files need no names made of hashes, as the library would want them.
enum PEMDirectory {
  /// Every certificate in it; files without one are passed over, damaged ones are not.
  static func certificates(in path: String) throws(TLSMaterialError) -> [Certificate] {
    guard let directory = unsafe opendir(path) else {
      throw errno == ENOENT ? .missing(file: path) : .unreadable(file: path, errno: errno)
    }
    defer { unsafe closedir(directory) }
    var certificates: [Certificate] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      do throws(TLSMaterialError) {
        certificates += try PEMFile(path: "\(path)/\(name)").certificates()
      } catch {
        switch error {
        case .noCertificate, .isDirectory: continue
        default: throw error
        }
      }
    }
    guard !certificates.isEmpty else { throw .noCertificate(file: path) }
    return certificates
  }
}
