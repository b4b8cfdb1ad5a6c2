import Base
import HTTP
import Metrics

private enum Families {
  static let build = MetricFamily("smtpwatch_build_info", .info, help: "The program's version and build.")
  static let requests = MetricFamily(
    "smtpwatch_http_requests_total", .counter, help: "HTTP requests answered, by handler and status.")
  static let logMessages = MetricFamily(
    "smtpwatch_log_messages_total", .counter, help: "Lines logged, by level.")

  static let cpu = MetricFamily(
    "process_cpu_seconds_total", .counter, unit: "seconds", help: "User and system CPU time spent.")
  static let openDescriptors = MetricFamily("process_open_fds", .gauge, help: "Open file descriptors.")
  static let maxDescriptors = MetricFamily(
    "process_max_fds", .gauge, help: "File descriptors that may be open.")
  static let virtualMemory = MetricFamily(
    "process_virtual_memory_bytes", .gauge, unit: "bytes", help: "Virtual memory size.")
  static let residentMemory = MetricFamily(
    "process_resident_memory_bytes", .gauge, unit: "bytes", help: "Resident memory size.")
  static let threads = MetricFamily("process_threads", .gauge, help: "Threads of the process.")
  static let startTime = MetricFamily(
    "process_start_time_seconds", .gauge, unit: "seconds", help: "When the process started, as Unix time.")
}

extension Exposition {
  /// What the program is, and what it did besides probing.
  mutating func writeProgram(
    _ program: ProgramFacts, requests: [(key: RequestCounts.Key, count: Int)],
    logMessages: [(level: String, count: Int)]
  ) {
    family(Families.build)
    var labels = LabelSet("version", program.version)
    labels.append("revision", program.revision)
    labels.append("swift_version", program.swiftVersion)
    labels.append("os", program.os)
    labels.append("arch", program.architecture)
    sample(labels, true)
    family(Families.requests)
    for (key, count) in requests {
      sample(LabelSet("handler", key.handler), "code", String(key.status), count)
    }
    family(Families.logMessages)
    for (level, count) in logMessages { sample(.none, "level", level, count) }
  }

  /// What the system says of the process.
  mutating func writeProcess(_ process: ProcessFacts) {
    family(Families.cpu)
    sample(.none, process.cpuSeconds)
    write(Families.openDescriptors, process.openDescriptors)
    write(Families.maxDescriptors, process.maxDescriptors)
    write(Families.virtualMemory, process.virtualBytes)
    write(Families.residentMemory, process.residentBytes)
    write(Families.threads, process.threads)
    family(Families.startTime)
    if let startedAt = process.startedAt { sample(.none, startedAt) }
  }

  private mutating func write(_ family: MetricFamily, _ value: Int?) {
    self.family(family)
    if let value { sample(.none, value) }
  }
}
