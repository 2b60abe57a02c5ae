import Testing

@testable import PlimsollJournal

@Suite struct `Faults of the disk` {
    /// The first call fails, then the second, until none does.
    @Test(arguments: MemoryStorage.Fault.allCases)
    func `lose nothing that was acknowledged, whichever call it is`(
        fault: MemoryStorage.Fault
    ) throws {
        var call = 0
        var isOver = false
        while !isOver {
            call += 1
            let storage = MemoryStorage()
            storage.failure = (call, fault)
            var (book, random) = (Book(), SplitMix64(seed: 3))
            do {
                let journal = try open(storage).journal
                try book.write(9, to: journal, &random)
                try journal.finish()
            } catch {
                #expect(fault != .short && storage.hasFailed)
            }
            isOver = !storage.hasFailed
            for left in [storage.afterKill, storage.afterPowerLoss(&random)] {
                var again = book
                let (journal, records) = try open(left)
                again.check(records)
                try again.write(1, to: journal, &random)
                again.check(try open(left).records)
            }
        }
        #expect(call > 50)
    }

    /// Some lives, each ended by a fault, a kill or a loss of power.
    @Test(arguments: UInt64(1)...(isSoak ? 20_000 : 300))
    func `end a life, and the next one goes on`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var storage = MemoryStorage()
        var book = Book()
        for _ in 0..<4 {
            if random.chance(60) {
                let fault = random.chance(50) ? MemoryStorage.Fault.error : .full
                storage.failure = (Int(random.int(1...60)), fault)
            }
            do {
                let (journal, records) = try open(storage)
                book.check(records)
                try book.write(Int(random.int(0...12)), to: journal, syncing: 60, &random)
            } catch {
                #expect(storage.hasFailed, "\(error)")
            }
            storage = random.chance(50) ? storage.afterKill : storage.afterPowerLoss(&random)
        }
        book.check(try open(storage).records)
    }
}
