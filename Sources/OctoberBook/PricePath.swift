internal import PlimsollUnits

/// The seeded path of a perpetual's mark: synthetic between the four prices of each real bar.
///
/// Invariant: within a bar the first mark is the open, the last is the close, the highest is the
/// high and the lowest is the low. Which extreme comes first is drawn: three times in four the low
/// before a rise and the high before a fall.
struct PricePath {
    /// When the first mark is given, in milliseconds since 1970-01-01 UTC.
    let start: Int
    /// Milliseconds from one mark to the next.
    let step: Int
    /// The marks, in steps of 10⁻⁸.
    let marks: [Int64]

    /// The path through `bars`, which follow one another without a gap.
    init(through bars: [PriceBar], instrument: Int, tick: Int64, seed: UInt64, step: Int) {
        start = bars.first?.start ?? 0
        self.step = step
        let count = PriceBar.length / step
        var marks: [Int64] = []
        marks.reserveCapacity(bars.count * count)
        for bar in bars {
            // The stream hangs on the bar, not on the window: a shorter run has the same path.
            var choice = SplitMix64(seed: seed, 1, instrument, bar.start)
            PricePath.append(bar, count: count, tick: tick, choice: &choice, to: &marks)
        }
        self.marks = marks
    }

    /// The latest mark at `time`.
    func price(at time: Int) -> Price { Price(unchecked: marks[index(at: time)]) }

    /// The number of the latest mark at `time`.
    func index(at time: Int) -> Int { min(max(0, (time - start) / step), marks.count - 1) }

    /// When the mark of number `index` is given.
    func time(of index: Int) -> Int { start + index * step }

    private static func append(
        _ bar: PriceBar,
        count: Int,
        tick: Int64,
        choice: inout SplitMix64,
        to marks: inout [Int64]
    ) {
        let lowFirst = choice.chance(perMille: bar.close >= bar.open ? 750 : 250)
        let corners =
            lowFirst
            ? [bar.open, bar.low, bar.high, bar.close] : [bar.open, bar.high, bar.low, bar.close]
        let steps = lengths(of: corners, total: count - 1, choice: &choice)
        marks.append(bar.open)
        for leg in 0..<3 {
            let shape = walk(steps[leg], width: bar.high - bar.low, choice: &choice)
            for position in 1..<steps[leg] {
                let line = between(corners[leg], corners[leg + 1], position, of: steps[leg])
                let free = min(max(line + shape[position], bar.low), bar.high)
                marks.append(max(free - free % tick, bar.low))
            }
            marks.append(corners[leg + 1])
        }
    }

    /// How many steps each of the three legs takes: by its length, give or take a third, at least one.
    private static func lengths(
        of corners: [Int64],
        total: Int,
        choice: inout SplitMix64
    ) -> [Int] {
        var weights: [Int] = []
        for leg in 0..<3 {
            let length = Int((corners[leg + 1] - corners[leg]).magnitude) / 1_024
            weights.append(length * choice.number(683...1_365) / 1_024)
        }
        let sum = max(1, weights.reduce(0, +))
        let free = total - 3
        let first = 1 + free * weights[0] / sum
        let second = 1 + free * weights[1] / sum
        return [first, second, total - first - second]
    }

    /// A random walk that starts and ends at zero, its steps up to a 64th of the bar's height.
    private static func walk(_ steps: Int, width: Int64, choice: inout SplitMix64) -> [Int64] {
        let reach = Int(width / 64)
        var walked: [Int64] = [0]
        for position in 0..<steps {
            walked.append(walked[position] + Int64(choice.number(-reach...reach)))
        }
        let end = walked[steps]
        return walked.indices.map { walked[$0] - between(0, end, $0, of: steps) }
    }

    private static func between(
        _ from: Int64,
        _ to: Int64,
        _ position: Int,
        of steps: Int
    ) -> Int64 {
        from + (to - from) * Int64(position) / Int64(steps)
    }
}

/// Prices and funding of the whole window.
struct Market {
    /// From inclusive, to exclusive, in milliseconds since 1970-01-01 UTC.
    let window: Range<Int>
    /// The path of each of `Instrument.all`.
    let paths: [PricePath]
    /// The settlements of each of `Instrument.all`.
    let funding: [[FundingSettlement]]

    /// The market of `options`, from its price files.
    init(_ options: Options) throws(Fault) {
        let files = PriceFiles(folder: options.prices)
        window = options.window
        var paths: [PricePath] = []
        var funding: [[FundingSettlement]] = []
        for (number, instrument) in Instrument.all.enumerated() {
            let path = PricePath(
                through: try files.bars(of: instrument.symbol, in: options.window),
                instrument: number,
                tick: instrument.tick,
                seed: options.seed,
                step: options.step * 1_000
            )
            paths.append(path)
            funding.append(try files.funding(of: instrument.symbol, in: options.window))
        }
        self.paths = paths
        self.funding = funding
    }

    /// How long the window is, in milliseconds.
    var length: Int { window.upperBound - window.lowerBound }

    /// When the first instrument is at its lowest.
    var lowest: Int {
        let path = paths[0]
        var best = 0
        for (index, mark) in path.marks.enumerated() where mark < path.marks[best] { best = index }
        return path.time(of: best)
    }
}
