import Configuration
import Delivery
import Model
import Monitor
import Probe

/// What a configuration comes to once its files are loaded: every target with its plan, ready to be probed.
struct Program: Sendable {
  let targets: [Target]
  let plans: [String: ProbePlan]

  /// The program of a configuration, as far as it is ours.
  init(_ settings: Settings, shard: Shard) throws(ProgramError) {
    try self.init(targets: settings.targets.filter { shard.owns($0.name) }, materials: TLSMaterials())
  }

  /// The program of these targets.
  init(targets: [Target], materials: TLSMaterials) throws(ProgramError) {
    let hostName = OwnName.forEHLO
    self.targets = targets
    var plans: [String: ProbePlan] = [:]
    for target in targets {
      do throws(ProbePlanError) {
        if let settings = target.settings.delivery {
          let tokens = DeliveryTokens(for: settings)
          plans[target.name] = try ProbePlan(target: target, hostName: hostName, materials: materials) {
            tokens.make(at: $0)
          }
        } else {
          plans[target.name] = try ProbePlan(target: target, hostName: hostName, materials: materials)
        }
      } catch {
        throw ProgramError(target: target.name, cause: error)
      }
    }
    self.plans = plans
  }
}

/// A target that cannot be probed at all.
struct ProgramError: Error, CustomStringConvertible {
  let target: String
  let cause: ProbePlanError

  var description: String { "target '\(target)': \(cause)" }
}
