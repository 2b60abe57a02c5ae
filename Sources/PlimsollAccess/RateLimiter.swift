import Synchronization

/// Allows so much a second for each key and each address, with a burst.
///
/// Memory is bounded: whoever has used nothing for long enough to have a full bucket is forgotten.
package final class RateLimiter: Sendable {
    /// What a bucket holds and how fast it fills.
    package struct Rule: Hashable, Sendable {
        /// Units a second.
        package var perSecond: Int64
        /// Units at most.
        package var burst: Int64

        package init(perSecond: Int64, burst: Int64) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    /// What the answer's headers say.
    package struct Answer: Hashable, Sendable {
        package var isAllowed: Bool
        /// Units at most.
        package var limit: Int64
        /// Units that are left.
        package var remaining: Int64
        /// Seconds until the bucket is full, rounded up; for a refused call until it would be allowed.
        package var reset: Int64
    }

    private struct Bucket {
        /// In units of 10⁻⁹.
        var level: Int128
        var time: Int64
    }

    private let rule: Rule
    private let limit: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    /// A limiter for at most `limit` callers at once.
    package init(_ rule: Rule, callers limit: Int = 10_000) {
        self.rule = rule
        self.limit = limit
    }

    /// Takes `weight` units from a caller's bucket, if they are there.
    ///
    /// `now` is in nanoseconds of a clock that only goes forward.
    package func take(_ weight: Int64, of caller: String, now: Int64) -> Answer {
        let second: Int128 = 1_000_000_000
        let full = Int128(rule.burst) * second
        return buckets.withLock { buckets in
            if buckets[caller] == nil, buckets.count >= limit { forget(&buckets, full, now) }
            var bucket = buckets[caller] ?? Bucket(level: full, time: now)
            let filled = Int128(max(0, now - bucket.time)) * Int128(rule.perSecond)
            bucket.level = min(full, bucket.level + filled)
            bucket.time = now
            let wanted = Int128(weight) * second
            let isAllowed =
                bucket.level >= wanted && (buckets[caller] != nil || buckets.count < limit)
            if isAllowed { bucket.level -= wanted }
            if buckets[caller] != nil || buckets.count < limit { buckets[caller] = bucket }
            let missing = isAllowed ? full - bucket.level : max(1, wanted - bucket.level)
            let perSecond = Int128(rule.perSecond) * second
            return Answer(
                isAllowed: isAllowed,
                limit: rule.burst,
                remaining: Int64(bucket.level / second),
                reset: Int64((missing + perSecond - 1) / perSecond)
            )
        }
    }

    /// Forgets callers whose buckets are full by now.
    private func forget(_ buckets: inout [String: Bucket], _ full: Int128, _ now: Int64) {
        buckets = buckets.filter { _, bucket in
            bucket.level + Int128(max(0, now - bucket.time)) * Int128(rule.perSecond) < full
        }
    }
}
