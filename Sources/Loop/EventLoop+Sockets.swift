import CLinux
import Glibc

extension EventLoop {
  /// Has the kernel tell of a socket from now on, until it closes.
  func attach(_ descriptor: borrowing Descriptor) throws(SystemError) -> Attachment {
    let attachment = attachments.attach(descriptor.rawValue)
    guard watch(attachment, EPOLL_CTL_ADD) else { throw .last("epoll_ctl") }
    return attachment
  }

  /// More may be there than was taken: what is left is told of again.
  func remind(of attachment: Attachment) {
    attachments.settle(attachment)
    // A registration that stands can be renewed.
    _ = watch(attachment, EPOLL_CTL_MOD)
  }

  private func watch(_ attachment: Attachment, _ operation: Int32) -> Bool {
    var event = unsafe epoll_event(
      events: AttachmentTable.interest, data: epoll_data(u64: attachment.rawValue))
    return unsafe epoll_ctl(epoll.rawValue, operation, attachment.number, &event) == 0
  }
}
