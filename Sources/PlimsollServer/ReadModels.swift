import Glibc
package import Plimsoll
import PlimsollHistory
package import PlimsollNode
import PlimsollUnits
import Synchronization

/// What the replica feeds besides answers: history for charts and audits, and the table of feeds.
///
/// It can be lost: what is missing or behind is made again from the journal.
package final class ReadModels: ReplicaFollower {
    private let folder: String
    let feeds = FeedTable()
    let marks = MarkRing()
    private let state = Mutex(State())

    private struct State {
        var history: History?
        var recorder: HistoryRecorder?
        var problem: String?
        var sampledAt: Int64 = 0
        var sampleCost: Int64 = 0
    }

    /// How often accounts are sampled, in nanoseconds; where a sweep takes long, less often.
    private static let sampleInterval: Int64 = 1_000_000_000

    /// The read models of a folder, which are opened when its journal has been.
    init(folder: String) { self.folder = folder }

    /// The history; `nil`: it could not be opened, and `problem` says why.
    var history: History? { state.withLock { $0.history } }

    /// Why there is no history, or why it is not written any more.
    var problem: String? {
        state.withLock { $0.problem ?? $0.history?.failure.map { "\($0)" } }
    }

    package func position(end: UInt64) -> UInt64 {
        state.withLock { state in
            do {
                let history = try History(
                    at: "\(folder)/\(History.fileName)",
                    journal: try Self.identity(folder),
                    end: end,
                    prepare: { SystemThread.Share.less.take() }
                )
                state.recorder = try HistoryRecorder(history)
                state.history = history
                return history.position
            } catch {
                state.problem = "\(error)"
                return end
            }
        }
    }

    package func makeRoom() {
        // A thread of its own writes; where it has failed, the history says so and nobody waits.
        guard let history else { return }
        while !history.waitForRoom(seconds: 1) {}
    }

    package func note(_ event: Event, _ consequence: Consequence, _ engine: Engine) {
        feeds.note(event, consequence)
        marks.note(event, engine)
        state.withLock { state in
            guard state.recorder != nil else { return }
            do {
                while try state.recorder?.note(
                    event,
                    effects: consequence.effects,
                    sequence: consequence.sequence,
                    of: engine
                ) == .full {
                    _ = state.history?.waitForRoom(seconds: 1)
                }
            } catch {
                (state.recorder, state.problem) = (nil, "\(error)")
            }
        }
    }

    package func rest(_ engine: Engine) {
        state.withLock { state in
            guard state.recorder != nil else { return }
            let now = MarginNode.steadyClock
            do {
                if now - state.sampledAt >= max(Self.sampleInterval, 20 * state.sampleCost) {
                    try state.recorder?.note(samples: Self.samples(engine))
                    state.sampledAt = now
                    state.sampleCost = MarginNode.steadyClock - now
                }
                try state.recorder?.handOver()
            } catch {
                (state.recorder, state.problem) = (nil, "\(error)")
            }
        }
    }

    package func end() {
        _ = state.withLock { $0.history }?.close(seconds: 5)
    }

    private static func samples(_ engine: Engine) -> [AccountSample] {
        var samples: [AccountSample] = []
        for index in engine.directory.venues.indices {
            engine.accounts(of: VenueID(index: Int32(index))) { account in
                let report = engine.report(account, prices: false)
                let sample = AccountSample(report, time: engine.clock, sequence: engine.sequence)
                if let sample { samples.append(sample) }
            }
        }
        return samples
    }

    /// What tells this folder's journal from another: 32 digits that were drawn when it was made.
    private static func identity(_ folder: String) throws -> String {
        let path = "\(folder)/identity"
        if let file = fopen(path, "r") {
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 32)
            if fread(&bytes, 1, 32, file) == 32 { return String(decoding: bytes, as: UTF8.self) }
        }
        let digits = String(UInt128.random(in: .min ... .max), radix: 16)
        let identity = String(repeating: "0", count: 32 - digits.utf8.count) + digits
        guard let file = fopen(path, "w") else { throw IdentityError(path: path) }
        defer { fclose(file) }
        guard fputs(identity, file) >= 0, fflush(file) == 0 else { throw IdentityError(path: path) }
        return identity
    }

    private struct IdentityError: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) cannot be written." }
    }
}
