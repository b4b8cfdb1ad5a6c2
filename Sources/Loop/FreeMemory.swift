import CLinux

/// Gives memory that nobody uses back to the system. After a burst of probes the allocator would keep what they
/// took: its free pieces lie between pieces in use, where it does not look by itself.
package func releaseFreeMemory() { clinux_release_free_memory() }
