package import Model

/// Fields as `application/x-www-form-urlencoded` (URL Standard section 5.2).
func formText(_ fields: [TransferRequest.FormField]) -> [UInt8] {
  var text: [UInt8] = []
  for field in fields {
    if !text.isEmpty { text.append(UInt8(ascii: "&")) }
    append(Array(field.name.utf8), to: &text)
    text.append(UInt8(ascii: "="))
    append(field.value.bytes, to: &text)
  }
  return text
}

private func append(_ bytes: [UInt8], to text: inout [UInt8]) {
  let digits = Array("0123456789ABCDEF".utf8)
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "*"):
      text.append(byte)
    case UInt8(ascii: " "): text.append(UInt8(ascii: "+"))
    default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
}

/// A value as it stands in a form.
package func formEncoded(_ value: Secret) -> Secret {
  var text: [UInt8] = []
  append(value.bytes, to: &text)
  return Secret(text)
}
