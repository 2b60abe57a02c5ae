package import PlimsollUnits

/// Why a vector did not get its figures: a failure, or a part of its format that is not claimed.
package enum VectorError: Error {
    /// It counts as failed.
    case failed(String)
    /// It counts as skipped.
    case skipped(String)
}

/// An exact decimal number: `significand × 10^−scale`; sums and products never round.
package struct Exact: Hashable, Sendable, CustomStringConvertible {
    package let significand: Int128
    package let scale: Int

    package static let zero = Exact(0)
    package static let one = Exact(1)

    /// A number of `significand × 10^−scale`, in the shortest form.
    package init(_ significand: Int128, scale: Int = 0) {
        var (significand, scale) = (significand, scale)
        while scale > 0, significand % 10 == 0 {
            significand /= 10
            scale -= 1
        }
        self.significand = significand
        self.scale = scale
    }

    package init(_ money: Money) { self.init(money.units, scale: 16) }
    package init(_ price: SolvedPrice) { self.init(price.units, scale: 16) }

    /// The number in `text`, such as `-0.05` or `1e-6`.
    package init(text: String) throws {
        let lower = text.lowercased()
        let parts = lower.split(separator: "e", maxSplits: 1)
        let point = parts.first?.firstIndex(of: ".")
        let digits = point.flatMap { parts.first?[$0...].count }.map { $0 - 1 } ?? 0
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let scale = max(0, digits - exponent)
        do {
            self.init(try DecimalText.units(text, scale: min(scale, 38)), scale: min(scale, 38))
        } catch {
            throw VectorError.failed("'\(text.prefix(40))' is not a decimal number that fits")
        }
    }

    package var description: String { DecimalText.string(significand, scale: scale) }
    package var magnitude: Exact { significand < 0 ? -self : self }
    package var isNegative: Bool { significand < 0 }
    package var isZero: Bool { significand == 0 }

    private static var tooLarge: VectorError { .failed("a number does not fit 128 bits") }

    /// The significand at another, larger scale.
    private func widened(to wanted: Int) throws -> Int128 {
        guard wanted - scale <= 38 else { throw Self.tooLarge }
        let (units, overflow) = significand.multipliedReportingOverflow(
            by: PowerOfTen.of(wanted - scale)
        )
        guard !overflow else { throw Self.tooLarge }
        return units
    }

    package static prefix func - (value: Exact) -> Exact {
        Exact(-value.significand, scale: value.scale)
    }

    package static func + (lhs: Exact, rhs: Exact) throws -> Exact {
        let scale = max(lhs.scale, rhs.scale)
        let (sum, overflow) = try lhs.widened(to: scale).addingReportingOverflow(
            rhs.widened(to: scale)
        )
        guard !overflow else { throw tooLarge }
        return Exact(sum, scale: scale)
    }

    package static func - (lhs: Exact, rhs: Exact) throws -> Exact { try lhs + (-rhs) }

    package static func * (lhs: Exact, rhs: Exact) throws -> Exact {
        let (product, overflow) = lhs.significand.multipliedReportingOverflow(
            by: rhs.significand
        )
        guard !overflow else { throw tooLarge }
        return Exact(product, scale: lhs.scale + rhs.scale)
    }

    /// Whether `self` is at most `other`.
    package func isAtMost(_ other: Exact) throws -> Bool { try (self - other).significand <= 0 }

    /// The quotient, rounded to `scale` digits behind the point.
    package func divided(
        by divisor: Exact,
        scale wanted: Int = 16,
        rounding: Rounding = .halfEven
    ) throws -> Exact {
        guard divisor.significand != 0 else { throw VectorError.failed("a division by zero") }
        let exponent = wanted + divisor.scale - scale
        guard exponent.magnitude <= 38 else { throw Self.tooLarge }
        let top = divisor.isNegative ? -significand : significand
        let bottom = divisor.magnitude.significand
        let factor = exponent > 0 ? PowerOfTen.of(exponent) : 1
        let (lower, overflow) = bottom.multipliedReportingOverflow(
            by: exponent < 0 ? PowerOfTen.of(-exponent) : 1
        )
        guard !overflow,
            let units = top.multiplied(by: factor, dividedBy: lower, rounding: rounding)
        else { throw Self.tooLarge }
        return Exact(units, scale: wanted)
    }

    /// The number × 10^`power`.
    package func shifted(by power: Int) throws -> Exact {
        if power <= scale { return Exact(significand, scale: scale - power) }
        return Exact(try Exact(significand).widened(to: power - scale))
    }

    /// The number in steps of 10^−`wanted`; without a `rounding` it must fit exactly.
    package func units(scale wanted: Int, rounding: Rounding? = nil) throws -> Int128 {
        if scale <= wanted { return try widened(to: wanted) }
        guard let rounding else {
            throw VectorError.failed(
                "\(self) has more than \(wanted) digits behind the point, which the engine's "
                    + "unit does not hold"
            )
        }
        return significand.divided(by: PowerOfTen.of(scale - wanted), rounding: rounding)
    }
}

// The engine's units, exactly; what does not fit is a failure with the number in it.
extension Exact {
    private func word(scale: Int) throws -> Int64 {
        guard let word = Int64(exactly: try units(scale: scale)) else {
            throw VectorError.failed("\(self) is beyond what the engine's unit holds")
        }
        return word
    }

    private static func fit<Unit>(_ value: Exact, _ make: () throws(UnitError) -> Unit) throws
        -> Unit
    {
        do throws(UnitError) {
            return try make()
        } catch {
            throw VectorError.failed("\(value) is beyond what the engine's unit holds: \(error)")
        }
    }

    package func quantity() throws -> Quantity {
        let units = try word(scale: 8)
        return try Self.fit(self) { () throws(UnitError) in try Quantity(units: units) }
    }

    package func price() throws -> Price {
        let units = try word(scale: 8)
        return try Self.fit(self) { () throws(UnitError) in try Price(units: units) }
    }

    package func rate() throws -> Rate {
        let units = try word(scale: 8)
        return try Self.fit(self) { () throws(UnitError) in try Rate(units: units) }
    }

    package func fundingRate() throws -> FundingRate {
        let units = try word(scale: 16)
        return try Self.fit(self) { () throws(UnitError) in try FundingRate(units: units) }
    }

    package func leverage() throws -> Leverage {
        let units = try word(scale: 2)
        return try Self.fit(self) { () throws(UnitError) in try Leverage(hundredths: units) }
    }

    package func money() throws -> Money { Money(units: try units(scale: 16, rounding: .down)) }

    package func solvedPrice(_ rounding: Rounding = .halfEven) throws -> SolvedPrice {
        SolvedPrice(units: try units(scale: 16, rounding: rounding))
    }

    /// The nearest price the engine holds, for a mark that only has to be near.
    package func nearestPrice() throws -> Price {
        try Exact(try units(scale: 8, rounding: .halfEven), scale: 8).price()
    }

    /// A quantity that is a power of ten and a price whose product is this number, exactly.
    package func split() throws -> (quantity: Exact, price: Exact) {
        let limit = Exact(Int128(Limits.price), scale: 8)
        for power in [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8, -8] {
            let price = try shifted(by: power)
            if price.scale <= 8, try price.isAtMost(limit) {
                return (try Exact.one.shifted(by: -power), price)
            }
        }
        throw VectorError.failed("\(self) is no product of a quantity and a price of the engine")
    }
}
