/// Makes a list that shows a fault as short as it can be by leaving parts out.
enum Shrinking {
    /// The shortest list found that still fails: halves, quarters and so on are left out, then single
    /// elements, as long as what is left fails.
    static func shortest<Element>(
        _ all: [Element],
        where fails: ([Element]) -> Bool
    ) -> [Element] {
        guard fails(all) else { return all }
        var kept = all
        var size = max(1, kept.count / 2)
        while true {
            var start = 0
            var shrank = false
            while start < kept.count {
                let end = min(start + size, kept.count)
                let trial = Array(kept[..<start] + kept[end...])
                if fails(trial) {
                    kept = trial
                    shrank = true
                } else {
                    start = end
                }
            }
            if size == 1, !shrank { return kept }
            size = max(1, size / 2)
        }
    }
}
