import CMemory

/// A growing table of plain values, changed in place without asking each time who else holds it.
///
/// An `Array` asks at every change whether it is shared: ten questions for one fill. A ledger asks
/// once for an event, by `Ledger.claim`, and only then changes elements. Debug builds check at every
/// change that it did; every access is checked against the count in all builds.
///
/// A large one has room to grow where it is, which takes memory only when it is used: to copy a million rows would keep the
/// event that needs one more row waiting for 10 ms.
struct Column<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // Sendable: the memory is only written by the one holder of the storage, which `claim` ensures.
    private var storage: Storage
    private var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity = 0

    /// The memory, freed with its last holder.
    private final class Storage {
        let base: UnsafeMutablePointer<Element>
        /// For how many elements there is room.
        let capacity: Int
        /// How many bytes are reserved; 0: it was allocated, less: it has become another's.
        private var reserved: Int

        /// From how many bytes on room is reserved, and of what multiples: the system's large pages.
        private static var page: Int { 2 << 20 }
        /// How much more is reserved than is needed.
        private static var reserve: Int { 16 }

        /// Room for as many elements, or more.
        init(_ count: Int) {
            let stride = MemoryLayout<Element>.stride
            let size = count * stride
            let room = (size * Self.reserve + Self.page - 1) / Self.page * Self.page
            if size >= Self.page, let memory = plimsoll_reserve(room, LargePages.areWanted ? 1 : 0)
            {
                (reserved, capacity) = (room, room / stride)
                base = memory.bindMemory(to: Element.self, capacity: capacity)
                return
            }
            (reserved, capacity) = (0, count)
            // At lines of the cache, so that a row of 64 bytes is in one of them.
            base = UnsafeMutableRawPointer.allocate(
                byteCount: Swift.max(64, size),
                alignment: 64
            ).bindMemory(to: Element.self, capacity: count)
        }

        /// Takes the elements of another, which is used no more, without copying them; `false`: that is not possible.
        func take(_ count: Int, from other: Storage) -> Bool {
            let size = count * MemoryLayout<Element>.stride
            let used = (size + Self.page - 1) / Self.page * Self.page
            guard reserved >= used, other.reserved >= used,
                plimsoll_move(other.base, other.reserved, used, base) != 0
            else { return false }
            other.reserved = -1
            return true
        }

        /// Its memory takes as much as is used of it, not as much as there is room for.
        var isReserved: Bool { reserved > 0 }

        deinit {
            if reserved == 0 {
                UnsafeMutableRawPointer(base).deallocate()
            } else if reserved > 0 {
                plimsoll_release(base, reserved)
            }
        }
    }

    /// A column of nothing.
    init() {
        storage = Storage(0)
        base = storage.base
    }

    /// Makes the memory this column's own, so that its elements may be changed.
    mutating func claim() {
        guard !isKnownUniquelyReferenced(&storage) else { return }
        let new = Storage(storage.isReserved ? count : capacity)
        new.base.initialize(from: base, count: count)
        use(new)
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

    /// The memory that it takes, with what it has allocated for growth.
    var bytes: Int { (storage.isReserved ? count : capacity) * MemoryLayout<Element>.stride }

    /// Forgets all elements and keeps the memory.
    mutating func removeAll() { count = 0 }

    @inline(never)
    private mutating func grow(by added: Int) {
        // What is reserved is a multiple of what is needed already.
        let more = storage.isReserved ? 0 : Swift.max(capacity * 2, 16)
        let new = Storage(Swift.max(count + added, more))
        if !isKnownUniquelyReferenced(&storage) || !new.take(count, from: storage) {
            new.base.initialize(from: base, count: count)
        }
        use(new)
    }

    private mutating func use(_ new: Storage) {
        storage = new
        base = new.base
        capacity = new.capacity
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
