import CLinux

/// Lets this process open as many descriptors as it may: a connection takes one. Returns the limit, nil where
/// the kernel refuses.
@discardableResult
package func raiseDescriptorLimit() -> Int? {
  let limit = clinux_raise_descriptor_limit()
  return limit < 0 ? nil : Int(limit)
}
