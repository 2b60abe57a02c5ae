import Dispatch
import Synchronization

/// Does work on `0..<count` in one range per thread, and puts what came out together in order, so that the
/// answer is that of one thread.
func inParts<Element: Sendable>(
    _ count: Int,
    threads: Int,
    _ work: @Sendable (Range<Int>) -> [Element]
) -> [Element] {
    let threads = min(threads, count)
    guard threads > 1 else { return work(0..<count) }
    let parts = Mutex([[Element]](repeating: [], count: threads))
    DispatchQueue.concurrentPerform(iterations: threads) { number in
        let part = work(count * number / threads..<count * (number + 1) / threads)
        parts.withLock { $0[number] = part }
    }
    return parts.withLock { $0.flatMap(\.self) }
}
