import Glibc

/// What the system says of this process: the values behind `process_*`. What cannot be read is nil.
package struct ProcessFacts: Sendable {
  /// User and system time, in seconds.
  package var cpuSeconds: Double
  package var openDescriptors: Int?
  /// The soft limit.
  package var maxDescriptors: Int?
  package var virtualBytes: Int?
  package var residentBytes: Int?
  package var threads: Int?
  /// Seconds since the Unix epoch.
  package var startedAt: Double?

  /// Facts that were read elsewhere.
  package init(
    cpuSeconds: Double, openDescriptors: Int?, maxDescriptors: Int?, virtualBytes: Int?, residentBytes: Int?,
    threads: Int?, startedAt: Double?
  ) {
    self.cpuSeconds = cpuSeconds
    self.openDescriptors = openDescriptors
    self.maxDescriptors = maxDescriptors
    self.virtualBytes = virtualBytes
    self.residentBytes = residentBytes
    self.threads = threads
    self.startedAt = startedAt
  }

  /// The present values.
  package static func read() -> ProcessFacts {
    let stat = statFields()
    let pageSize = sysconf(Int32(_SC_PAGESIZE))
    return ProcessFacts(
      cpuSeconds: cpuTime(), openDescriptors: entries(of: "/proc/self/fd"), maxDescriptors: descriptorLimit(),
      virtualBytes: stat.field(23), residentBytes: stat.field(24).map { $0 * pageSize },
      threads: stat.field(20), startedAt: startTime)
  }

  /// Boot time plus the ticks from boot to start; it never changes, the boot time's last digits may.
  private static let startTime: Double? = {
    guard let ticks = statFields().field(22),
      let line = lines(of: "/proc/stat").first(where: { $0.hasPrefix("btime ") }),
      let boot = Int(line.dropFirst("btime ".count))
    else { return nil }
    return Double(boot) + Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }()

  private static func cpuTime() -> Double {
    var time = timespec()
    let status = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    precondition(status == 0, "clock_gettime cannot fail for a clock that every Linux has")
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// How many descriptors the process may have; nil where there is no limit, or the kernel does not say.
  package static func descriptorLimit() -> Int? {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
  }

  /// How many entries a directory has, without itself, its parent and the descriptor that reads it.
  private static func entries(of path: String) -> Int? {
    guard let directory = unsafe opendir(path) else { return nil }
    defer { unsafe closedir(directory) }
    var count = -3
    while unsafe readdir(directory) != nil { count += 1 }
    return count
  }

  /// The fields of /proc/self/stat (proc(5)) behind the name in parentheses, which may hold anything.
  private static func statFields() -> StatFields {
    let text = lines(of: "/proc/self/stat").first ?? ""
    let rest = text.lastIndex(of: ")").map { text[text.index(after: $0)...] } ?? ""
    return StatFields(words: rest.split(separator: " "))
  }

  private struct StatFields {
    var words: [Substring]

    /// A field by its number in proc(5); the words begin with field 3.
    func field(_ number: Int) -> Int? { words.indices.contains(number - 3) ? Int(words[number - 3]) : nil }
  }

  private static func lines(of path: String) -> [Substring] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe Glibc.read(descriptor, &part, part.count)
      guard count > 0 else { break }
      content += part[..<count]
    }
    return String(decoding: content, as: UTF8.self).split(separator: "\n")
  }
}
