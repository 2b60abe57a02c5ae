public import Plimsoll
import PlimsollUnits

/// What became of one event that was submitted.
public enum Outcome: Hashable, Sendable {
    /// It was applied, as the event of this number; `effects` are there if they were asked for.
    case accepted(sequence: UInt64, effects: [Effect])
    /// It was applied before; it changed nothing now.
    case repeated
    /// It was refused and changed nothing; `sequence` is its number if it was journalled.
    case refused(Rejection, sequence: UInt64?)
}

/// Why a node does not take events.
public enum NodeError: Error, Hashable, Sendable {
    /// The inbox is full: try again soon.
    case busy(waiting: Int, limit: Int)
    /// The node is about to end.
    case draining
    /// The journal has failed, and so the node has stopped: start it again.
    case stopped(String)
    /// More events at once than the inbox holds.
    case tooMany(Int, limit: Int)
}

extension NodeError: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .busy(let waiting, let limit):
            "The inbox is full: \(waiting) events wait, the limit is \(limit). Try again soon."
        case .draining: "The node is about to end and takes no more events."
        case .stopped(let reason): "The node has stopped: \(reason)"
        case .tooMany(let count, let limit):
            "\(count) events at once are more than the inbox holds (\(limit)). Send fewer."
        }
    }
}

/// Events that wait for the writer, and who is to be told.
struct Submission: Sendable {
    var events: [Event]
    var wantsEffects: Bool
    /// When they were handed over, by the steady clock.
    var since = MarginNode.steadyClock
    var answer: @Sendable (Result<[Outcome], NodeError>) -> Void
}

/// What waits for the writer.
struct Inbox: Sendable {
    var submissions: [Submission] = []
    /// Events in `submissions`.
    var count = 0
    /// Events that the writer has taken and not answered.
    var inHand = 0
    var isDraining = false
    /// Why nothing is taken any more.
    var failure: String?
}
