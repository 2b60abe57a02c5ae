import Glibc
import PlimsollCommands

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
