import Glibc

/// The end of a process in which other threads may still be at work: on a list of targets that was fetched, on a probe
/// that somebody asked for.
enum ProcessEnd {
  /// Ends the process at once, with the status of success. Whatever is to last has been written, and nothing is
  /// buffered. What libraries tidy up at an orderly exit(3) they would take from those threads, which would crash.
  static func success() -> Never { _exit(EXIT_SUCCESS) }
}
