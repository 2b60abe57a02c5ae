package import Plimsoll
package import PlimsollWire

/// Why a question has no answer.
package enum QueryFault: Error, Hashable, Sendable {
    /// The question itself is wrong: a field, its form or its range (status 400).
    case malformed(InputFault)
    /// What it asks about is not there (404).
    case notFound(problem: String, remedy: String)
    /// The engine cannot, or would not, do what is asked (422).
    case refused(Rejection)

    /// One sentence: what is wrong.
    package var problem: String {
        switch self {
        case .malformed(let fault): fault.problem
        case .notFound(let problem, _): problem
        case .refused(let rejection): rejection.problem
        }
    }

    /// One sentence: what to do.
    package var remedy: String {
        switch self {
        case .malformed(let fault): fault.remedy
        case .notFound(_, let remedy): remedy
        case .refused(let rejection): rejection.remedy
        }
    }

    /// A stable word for programs.
    package var code: String {
        switch self {
        case .malformed: "malformed"
        case .notFound: "not_found"
        case .refused(let rejection): rejection.code
        }
    }
}

/// Runs `read`, and makes what it throws a fault of the question.
func asked<Value>(
    _ read: () throws(InputFault) -> Value
) throws(QueryFault) -> Value {
    do throws(InputFault) {
        return try read()
    } catch {
        throw .malformed(error)
    }
}

/// Runs `answer`, and makes what the engine refuses a fault of the question.
func answered<Value>(
    _ answer: () throws(Rejection) -> Value
) throws(QueryFault) -> Value {
    do throws(Rejection) {
        return try answer()
    } catch {
        throw .refused(error)
    }
}

extension Engine {
    /// The account of this name in a venue.
    ///
    /// No other name is suggested: who asks may not know who else is there.
    package func account(named name: String, in venue: VenueID) throws(QueryFault) -> AccountID {
        if let account = directory.account(name, in: venue) { return account }
        throw .notFound(
            problem: "there is no account \(Excerpt.quoted(name)).",
            remedy: "Correct its name, or open it first."
        )
    }

    /// The instrument of this symbol in a venue.
    package func instrument(
        named symbol: String,
        in venue: VenueID
    ) throws(QueryFault) -> InstrumentID {
        if let instrument = directory.instrument(symbol, in: venue) { return instrument }
        let directory = directory
        let near = Spelling.nearest(
            to: symbol,
            among: instruments(of: venue).map { directory.name($0) }
        )
        throw .notFound(
            problem: "there is no instrument \(Excerpt.quoted(symbol)).",
            remedy: near.map { "Did you mean '\($0)'?" } ?? "Correct it, or define it first."
        )
    }

    /// The asset of this name in a venue.
    package func asset(named name: String, in venue: VenueID) throws(QueryFault) -> AssetID {
        if let asset = directory.asset(name, in: venue) { return asset }
        let directory = directory
        let near = Spelling.nearest(to: name, among: assets(of: venue).map { directory.name($0) })
        throw .notFound(
            problem: "there is no asset \(Excerpt.quoted(name)).",
            remedy: near.map { "Did you mean '\($0)'?" } ?? "Correct it, or define it first."
        )
    }
}
