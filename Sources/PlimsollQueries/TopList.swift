/// The first of many elements, in order: a heap of at most `limit`, its last at the root.
struct TopList<Element> {
    private let limit: Int
    private let precedes: (Element, Element) -> Bool
    private var heap: [Element] = []

    init(_ limit: Int, by precedes: @escaping (Element, Element) -> Bool) {
        self.limit = limit
        self.precedes = precedes
    }

    /// Keeps an element if it is among the first so far.
    mutating func see(_ element: Element) {
        if heap.count < limit {
            heap.append(element)
            rise(from: heap.count - 1)
        } else if let last = heap.first, precedes(element, last) {
            heap[0] = element
            sink()
        }
    }

    /// What was kept, the first first.
    var inOrder: [Element] { heap.sorted(by: precedes) }

    private mutating func rise(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) >> 1
            guard precedes(heap[parent], heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var last = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if precedes(heap[last], heap[child]) { last = child }
            }
            guard last != parent else { return }
            heap.swapAt(parent, last)
            parent = last
        }
    }
}
