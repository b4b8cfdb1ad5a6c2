import Glibc

/// The threads that the language's own runtime makes.
package enum Threads {
  /// Lets them not tell the system's log, every few seconds, of each priority that they were not allowed to take. To be
  /// called before there are any; whoever wants to hear libdispatch sets `LIBDISPATCH_LOG`.
  package static func keepQuiet() {
    _ = unsafe setenv("LIBDISPATCH_LOG", "NO", 0)
  }
}
