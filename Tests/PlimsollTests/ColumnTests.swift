import Testing

@testable import Plimsoll

/// A column that grows far beyond what is allocated at once, where rows are reserved, moved and copied.
@Suite struct ColumnTests {
    /// Across both ways to hold memory and the move from one reservation to the next: each element is where it was put.
    @Test func keepsEveryElementWhileItGrows() {
        var column = Column<Int64>()
        // 96 MB: below 2 MiB they are allocated, then 32 and 512 are reserved.
        let count = 12_000_000
        for index in 0..<count { column.append(Int64(index) &* 0x9e37_79b9) }
        #expect(column.count == count)
        #expect(column.indices.allSatisfy { column[$0] == Int64($0) &* 0x9e37_79b9 })
        // Of a reservation only what is used counts.
        #expect(column.bytes == count * 8)
    }

    /// A copy that is claimed has its own memory, also where that was reserved; the first keeps what it had.
    @Test(arguments: [10, 400_000, 5_000_000])
    func copiesDoNotSeeEachOther(count: Int) {
        var first = Column<Int64>()
        first.append(repeating: 7, count: count)
        var second = first
        second.claim()
        for index in second.indices { second[index] = 8 }
        second.append(repeating: 9, count: count)
        first.claim()
        first.append(1)
        #expect(first.dropLast().allSatisfy { $0 == 7 })
        #expect(first.last == 1)
        #expect(second.prefix(count).allSatisfy { $0 == 8 })
        #expect(second.dropFirst(count).allSatisfy { $0 == 9 })
    }

    /// A copy that moves to a larger reservation leaves the other its own.
    @Test func growingLeavesTheOtherItsMemory() {
        var first = Column<Int32>()
        first.append(repeating: 1, count: 700_000)
        let second = first
        first.claim()
        // From 2.8 MB, for which 46 are reserved, to 60.
        first.append(repeating: 2, count: 14_300_000)
        #expect(second.count == 700_000)
        #expect(second.allSatisfy { $0 == 1 })
        #expect(first.prefix(700_000).allSatisfy { $0 == 1 })
        #expect(first.dropFirst(700_000).allSatisfy { $0 == 2 })
    }

    @Test func forgettingKeepsTheMemory() {
        var column = Column<Int64>()
        column.append(repeating: 3, count: 1_000_000)
        column.removeAll()
        #expect(column.isEmpty)
        column.append(4)
        var copy = column
        copy.claim()
        copy.append(5)
        #expect(Array(column) == [4])
        #expect(Array(copy) == [4, 5])
    }
}
