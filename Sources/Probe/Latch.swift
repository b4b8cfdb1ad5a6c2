import Base
import Loop

/// Something that will be there once, and that any number of tasks wait for, each for as long as it likes.
///
/// Safe to send: it stays on its loop.
final class Latch: @unchecked Sendable {
  private var isOpen = false
  private var nextNumber = 0
  private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]

  /// Waits until it is there, or a moment.
  func wait(until deadline: MonotonicInstant, on loop: isolated EventLoop) async {
    guard !isOpen else { return }
    nextNumber += 1
    let number = nextNumber
    guard let timer = loop.schedule(at: deadline, { [self] _, _ in release(number) }) else { return }
    defer { loop.cancel(timer) }
    await withCheckedContinuation { waiting[number] = $0 }
  }

  /// It is there.
  func open(on loop: isolated EventLoop) {
    isOpen = true
    for number in waiting.keys { release(number) }
  }

  private func release(_ number: Int) { waiting.removeValue(forKey: number)?.resume() }
}
