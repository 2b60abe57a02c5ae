import Glibc

/// State that threads share, one at a time, and for whose changes a thread may wait.
///
/// `Mutex` of the standard library has nothing to wait on, and a thread of the node waits for work.
package final class Monitor<State>: @unchecked Sendable {
    // `state` is touched only with the mutex held; both live as long as the monitor.
    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Does something with the state while no other thread has it.
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Changes the state and wakes those who wait.
    package func change<Result>(_ body: (inout State) -> Result) -> Result {
        let result = withLock(body)
        // Without the lock, which whoever wakes up wants at once.
        pthread_cond_broadcast(changed)
        return result
    }

    /// Waits until the state is as wanted, or until `timeout` nanoseconds have passed, then does something with it.
    package func wait<Result>(
        atMost timeout: Int64,
        until isReady: (State) -> Bool,
        _ body: (inout State) -> Result
    ) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let nanoseconds = Int64(deadline.tv_nsec) + timeout
        deadline.tv_sec += Int(nanoseconds / 1_000_000_000)
        deadline.tv_nsec = Int(nanoseconds % 1_000_000_000)
        while !isReady(state) {
            if pthread_cond_timedwait(changed, mutex, &deadline) != 0 { break }
        }
        return body(&state)
    }
}

/// A thread of the system, which can be waited for.
package struct SystemThread: @unchecked Sendable {
    // A handle, used by `join` once.
    private let handle: pthread_t

    /// What a thread gets where there is more work than cores.
    package enum Share: Sendable {
        /// All it wants, before any other.
        case first
        /// As much as any.
        case full
        /// Less than most.
        case less
        /// What others leave: whoever wakes up gets its core at once. It must hold nothing for long that others wait for.
        case rest

        /// `SCHED_IDLE` of Linux's `sched(7)`, which Glibc does not show to Swift.
        private static let idle: Int32 = 5

        private static func beNice(_ more: Int32) {
            let thread = __priority_which_t(PRIO_PROCESS.rawValue)
            setpriority(thread, 0, getpriority(thread, 0) + more)
        }

        /// Gives the calling thread its share; where that is refused, it has the full one.
        package func take() {
            switch self {
            case .first: Self.follow(SCHED_FIFO, priority: 1)
            case .full: break
            case .less: Self.beNice(5)
            case .rest: Self.follow(Self.idle)
            }
        }

        private static func follow(_ policy: Int32, priority: Int32 = 0) {
            var parameters = sched_param()
            parameters.sched_priority = priority
            sched_setscheduler(0, policy, &parameters)
        }
    }

    /// Starts a thread that does `body` and ends.
    package init(_ share: Share = .full, _ body: @escaping @Sendable () -> Void) {
        final class Work {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let body: @Sendable () -> Void = {
            share.take()
            body()
        }
        var handle = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &handle,
            nil,
            { argument in
                if let argument {
                    Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                }
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else { fatalError("No thread could be started: error \(code).") }
        self.handle = handle
    }

    /// Waits until it has ended.
    package func join() { pthread_join(handle, nil) }
}
