import CLinux

/// Memory that the allocator holds and nobody uses.
package enum FreeMemory {
  /// Large pieces, such as a page of metrics, go back to the system as soon as they are free; otherwise the
  /// allocator learns to keep them. Small ones come from one heap for all threads. Call it before there are any.
  package static func keepSmall() { clinux_keep_memory_small() }

  /// Gives back all that is free. After a burst of probes the allocator would keep what they took: its free
  /// pieces lie between pieces in use, where it does not look by itself.
  package static func release() { clinux_release_free_memory() }
}
