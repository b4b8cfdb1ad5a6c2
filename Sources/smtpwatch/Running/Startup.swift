import ArgumentParser
import Base
import HTTP
import Loop

/// The steps of a start that can fail.
enum Startup {
  /// Does them; what goes wrong is one line on standard error and an exit status.
  static func orExit(_ steps: () throws -> Void) throws {
    do {
      try steps()
    } catch let error as ProgramError {
      throw stop("\(error)", .configuration)
    } catch let error as HTTPServerError {
      throw stop("\(error)", .configuration)
    } catch let error as SystemError {
      throw stop("\(error)", .system)
    }
  }

  private static func stop(_ words: String, _ status: ExitCode) -> ExitCode {
    StandardStream.error.write("smtpwatch: \(words)\n")
    return status
  }
}
