import CPrefetch

/// A growing table of plain values, changed in place without asking each time who else holds it.
///
/// An `Array` asks at every change whether it is shared: ten questions for one fill. A ledger asks
/// once for an event, by `Ledger.claim`, and only then changes elements. Debug builds check at every
/// change that it did; every access is checked against the count in all builds.
struct Column<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // Sendable: the memory is only written by the one holder of the storage, which `claim` ensures.
    private var storage: Storage
    private var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity = 0

    /// The memory, freed with its last holder.
    private final class Storage {
        let base: UnsafeMutablePointer<Element>

        init(capacity: Int) {
            // At lines of the cache, so that a row of 64 bytes is in one of them.
            base = UnsafeMutableRawPointer.allocate(
                byteCount: Swift.max(64, capacity * MemoryLayout<Element>.stride),
                alignment: 64
            ).bindMemory(to: Element.self, capacity: capacity)
        }

        deinit { UnsafeMutableRawPointer(base).deallocate() }
    }

    /// A column of nothing.
    init() {
        storage = Storage(capacity: 0)
        base = storage.base
    }

    /// Makes the memory this column's own, so that its elements may be changed.
    mutating func claim() {
        if !isKnownUniquelyReferenced(&storage) { move(to: capacity) }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(by: 1) }
        assert(isClaimed(), "Invariant: a ledger is claimed before it is changed")
        (base + count).initialize(to: element)
        count &+= 1
    }

    mutating func append(repeating element: Element, count added: Int) {
        if count + added > capacity { grow(by: added) }
        assert(isClaimed(), "Invariant: a ledger is claimed before it is changed")
        (base + count).initialize(repeating: element, count: added)
        count += added
    }

    /// The memory that it takes, with room for growth.
    var bytes: Int { capacity * MemoryLayout<Element>.stride }

    /// Forgets all elements and keeps the memory.
    mutating func removeAll() { count = 0 }

    @inline(never)
    private mutating func grow(by added: Int) {
        move(to: Swift.max(count + added, capacity * 2, 16))
    }

    private mutating func move(to room: Int) {
        let new = Storage(capacity: room)
        new.base.initialize(from: base, count: count)
        storage = new
        base = new.base
        capacity = room
    }

    /// Whether elements may be changed; always asked, but only in debug builds.
    private mutating func isClaimed() -> Bool { isKnownUniquelyReferenced(&storage) }

    /// Where an element is.
    ///
    /// The pointer holds until the column grows or goes.
    @inline(__always)
    private func pointer(_ index: Int) -> UnsafeMutablePointer<Element> {
        precondition(
            UInt(bitPattern: index) < UInt(bitPattern: count),
            "Invariant: every stored number of a row is below the count"
        )
        return base + index
    }
}

extension Column: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(index: Int) -> Element {
        @inline(__always) _read {
            // Without it the storage of a copy may go after its last mention, before the memory does.
            defer { _fixLifetime(storage) }
            yield pointer(index).pointee
        }
        @inline(__always) _modify {
            assert(isClaimed(), "Invariant: a ledger is claimed before it is changed")
            defer { _fixLifetime(storage) }
            yield &pointer(index).pointee
        }
    }

    /// The elements of some rows, all checked at once.
    @inline(__always)
    subscript(segment rows: Range<Int>) -> UnsafeBufferPointer<Element> {
        _read {
            precondition(
                rows.lowerBound >= 0 && rows.upperBound <= count,
                "Invariant: every segment is within the count"
            )
            defer { _fixLifetime(storage) }
            yield UnsafeBufferPointer(start: base + rows.lowerBound, count: rows.count)
        }
    }

    /// An element where it is, for code that changes several of its fields: checked once.
    ///
    /// It holds until the column grows or goes.
    @inline(__always)
    mutating func row(_ index: Int) -> UnsafeMutablePointer<Element> {
        assert(isClaimed(), "Invariant: a ledger is claimed before it is changed")
        return pointer(index)
    }

    /// Asks for the memory of some elements, without waiting for it.
    @inline(__always)
    func prefetch(_ rows: Range<Int>) {
        var address = UnsafeRawPointer(base + rows.lowerBound)
        let end = UnsafeRawPointer(base + rows.upperBound)
        while address < end {
            plimsoll_prefetch(address)
            address += 64
        }
    }

    /// Lends the elements as plain memory.
    @inline(__always)
    func withUnsafeBufferPointer<Result>(
        _ body: (UnsafeBufferPointer<Element>) -> Result
    ) -> Result {
        defer { _fixLifetime(storage) }
        return body(UnsafeBufferPointer(start: base, count: count))
    }
}
