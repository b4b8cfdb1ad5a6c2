import Model

/// Who has which area of the file of records.
struct TenantNote {
  var name: String
  var unit: Int
  /// When the target left the configuration.
  var leftAt: Timestamp?

  init(name: String, unit: Int, leftAt: Timestamp? = nil) {
    self.name = name
    self.unit = unit
    self.leftAt = leftAt
  }

  func pack(into packer: inout Packer) {
    packer.put(1, name)
    packer.put(2, count: unit)
    packer.put(3, leftAt)
  }

  init?(fields: Unpacker) {
    var name: String?
    var unit: Int?
    for field in fields {
      switch field.number {
      case 1: name = field.text
      case 2: unit = field.count
      case 3: leftAt = field.moment
      default: break
      }
    }
    guard let name, let unit, unit < 1 << 32 else { return nil }
    self.name = name
    self.unit = unit
  }
}
