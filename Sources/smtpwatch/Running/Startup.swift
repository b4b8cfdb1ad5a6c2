import ArgumentParser
import HTTP
import Loop
import Monitor

/// The steps of a start that can fail.
enum Startup {
  /// Does them; what goes wrong is one line on standard error and an exit status.
  static func orExit(_ steps: () throws -> Void) throws {
    do {
      try steps()
    } catch let error as ProgramError {
      throw Refusal.configuration("\(error)")
    } catch let error as WebFileError {
      throw Refusal.configuration("\(error)")
    } catch let error as HTTPServerError {
      throw Refusal.configuration("\(error)")
    } catch let error as StorageError {
      throw Refusal.configuration("\(error)")
    } catch let error as SystemError {
      throw Refusal.system("\(error)")
    }
  }
}
