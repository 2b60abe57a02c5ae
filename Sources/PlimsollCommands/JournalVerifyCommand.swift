internal import ArgumentParser
import PlimsollJournal
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll journal verify`.
struct JournalVerifyCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Is every record as it was written? Checksums, chain, snapshots, and what was durable.",
        discussion: """
            Nothing is changed, and a node may be using the folder. Exit code 74: something is damaged; \
            file, offset and event are named. A start does without a damaged snapshot, and replays more. What was not durable yet may be cut at the end, which of a node with \
            --durability sync was never acknowledged. Exit code 7: no event is there that could be verified.
            """
    )

    static let examples = [
        "plimsoll journal verify /tmp/plimsoll",
        "plimsoll journal verify /tmp/plimsoll --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The folder of the journal.")
    var folder: String

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let folder = try JournalFolder(folder)
        let found: Verification
        do throws(JournalError) {
            found = try Journal.verify(folder.storage)
        } catch {
            if options.json { console.print(JSONWriter.damage(error)) }
            throw folder.failure(error)
        }
        // Files of a journal are here, but neither its events nor the head that says how many there were.
        guard found.segments > 0 || found.durable != nil else {
            throw .damaged(
                problem: "\(folder.path) has neither a segment of a journal nor its head.pj.",
                remedy: "Restore the folder from a copy or a replica."
            )
        }
        if options.json {
            console.print(JSONWriter.verification(found))
        } else {
            print(found, console)
        }
        if let damaged = found.snapshots.first(where: { $0.fault != nil }) {
            throw .damaged(
                problem: "\(folder.path)/\(damaged.name) is damaged: \(damaged.fault ?? "").",
                remedy: "Remove it: a start uses the one before, and replays more of the journal."
            )
        }
        return found.events > 0 ? .success : .insufficientData
    }

    private func print(_ found: Verification, _ console: Console) {
        let last = found.position.sequence
        console.print(
            "\(NumberText.times(Int(clamping: found.events), "event")) in "
                + "\(NumberText.times(Int(clamping: found.records), "record")), "
                + "\(NumberText.times(found.segments, "segment")), "
                + "\(NumberText.count(Int(clamping: found.bytes))) bytes"
        )
        if found.events > 0 {
            console.print("events    \(count(found.first)) to \(count(last))")
        }
        if let times = found.times {
            let ends = [times.lowerBound, times.upperBound].map {
                Moment.text(Timestamp(nanoseconds: $0))
            }
            console.print("written   \(ends[0]) to \(ends[1])")
        }
        console.print("chain     \(found.position.chain.hex)")
        console.print(
            "durable   " + (found.durable.map { "to \(count($0.sequence))" } ?? "nothing")
        )
        if found.tornBytes > 0 {
            console.print(
                "cut       \(NumberText.count(found.tornBytes)) bytes behind the last record, "
                    + "not durable yet"
            )
        }
        for snapshot in found.snapshots {
            console.print(
                "snapshot  after event \(count(snapshot.sequence))"
                    + (snapshot.fault.map { ": " + console.inked($0, .red) } ?? "")
            )
        }
        guard !found.isDamaged else { return }
        console.print(
            found.events > 0
                ? console.inked("sound", .green) + "     every record is as it was written"
                : console.inked("empty", .yellow) + "     there is nothing to verify"
        )
    }

    private func count(_ value: UInt64) -> String { NumberText.count(Int(clamping: value)) }
}

extension Verification {
    /// A snapshot is not what it was; of a damaged record there is no verification.
    fileprivate var isDamaged: Bool { snapshots.contains { $0.fault != nil } }
}

extension JSONWriter {
    fileprivate static func verification(_ found: Verification) -> [UInt8] {
        var writer = JSONWriter(pretty: true)
        writer.object { object in
            object.key("sound")
            if found.isDamaged {
                object.boolean(false)
            } else if found.events > 0 {
                object.boolean(true)
            } else {
                object.null()
            }
            object.field("first", number: found.first)
            object.field("seq", number: found.position.sequence)
            object.field("chain", found.position.chain.hex)
            object.key("durableSeq")
            if let durable = found.durable {
                object.number(durable.sequence)
            } else {
                object.null()
            }
            object.field("segments", number: found.segments)
            object.field("records", number: found.records)
            object.field("events", number: found.events)
            object.field("bytes", number: found.bytes)
            object.field("tornBytes", number: found.tornBytes)
            object.key("snapshots")
            object.array { array in
                for snapshot in found.snapshots {
                    array.object { object in
                        object.field("file", snapshot.name)
                        object.field("seq", number: snapshot.sequence)
                        object.field("sound", boolean: snapshot.fault == nil)
                        object.field("what", ifPresent: snapshot.fault)
                    }
                }
            }
        }
        return writer.bytes
    }

    fileprivate static func damage(_ error: JournalError) -> [UInt8] {
        var writer = JSONWriter(pretty: true)
        writer.object { object in
            object.field("sound", boolean: false)
            if case .damaged(let file, let offset, let sequence, let what) = error {
                object.field("file", file)
                object.field("offset", number: offset)
                object.field("seq", number: sequence)
                object.field("what", what)
            } else {
                object.field("what", "\(error)")
            }
        }
        return writer.bytes
    }
}
