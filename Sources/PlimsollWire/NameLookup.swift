import Plimsoll

/// Finds the ids behind the names of one event; what is missing is named with the nearest name.
struct NameLookup {
    let fields: NodeReader
    let directory: Directory
    private let venueField: NodeReader?

    init(fields: NodeReader, directory: Directory) {
        self.fields = fields
        self.directory = directory
        venueField = fields.optional("venue")
    }

    /// The venue that the event names, or the only one.
    func venue() throws(InputFault) -> VenueID {
        if let field = venueField {
            let name = try field.name()
            if let venue = directory.venue(name) { return venue }
            throw field.fault(
                "there is no venue \(Excerpt.quoted(name)).",
                remedy: meant(name, among: directory.venues)
                    ?? "Define it before with a 'venueDefined' event."
            )
        }
        switch directory.venues.count {
        case 1: return VenueID(index: 0)
        case 0:
            throw fields.fault(
                "no venue has been defined yet.",
                remedy: "Begin with a 'venueDefined' event."
            )
        default:
            let names = directory.venues.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
            throw fields.fault(
                "the field 'venue' is missing, and there are \(directory.venues.count) venues.",
                remedy: "Add 'venue' with one of \(names)."
            )
        }
    }

    /// The account that the field `key` names.
    func account(_ key: String = "account") throws(InputFault) -> AccountID {
        let venue = try venue()
        let field = try fields.required(key)
        let name = try field.name()
        if let account = directory.account(name, in: venue) { return account }
        throw field.fault(
            "there is no account \(Excerpt.quoted(name)) in the venue '\(directory.name(venue))'.",
            remedy: meant(
                name,
                among: candidates(directory.accounts) { directory.account($0, in: venue) != nil }
            ) ?? "Open it before with an 'accountOpened' event."
        )
    }

    /// The asset that the field `key` names.
    func asset(_ key: String = "asset") throws(InputFault) -> AssetID {
        let venue = try venue()
        let field = try fields.required(key)
        let name = try field.name()
        if let asset = directory.asset(name, in: venue) { return asset }
        throw field.fault(
            "there is no asset \(Excerpt.quoted(name)) in the venue '\(directory.name(venue))'.",
            remedy: meant(
                name,
                among: candidates(directory.assets) { directory.asset($0, in: venue) != nil }
            ) ?? "Define it before with an 'assetDefined' event."
        )
    }

    /// The instrument that the field `symbol` names.
    func instrument() throws(InputFault) -> InstrumentID {
        let venue = try venue()
        let field = try fields.required("symbol")
        let name = try field.name()
        if let instrument = directory.instrument(name, in: venue) { return instrument }
        throw field.fault(
            "there is no instrument \(Excerpt.quoted(name)) in the venue "
                + "'\(directory.name(venue))'.",
            remedy: meant(
                name,
                among: candidates(directory.instruments) {
                    directory.instrument($0, in: venue) != nil
                }
            ) ?? "Define it before with an 'instrumentDefined' event."
        )
    }

    /// The first names of one venue, not all of a hundred million accounts.
    private func candidates(
        _ names: [String],
        _ isOfVenue: (String) -> Bool
    ) -> [String] {
        names.prefix(Spelling.candidateLimit).filter(isOfVenue)
    }

    private func meant(_ name: String, among names: [String]) -> String? {
        Spelling.nearest(to: name, among: names).map { "Did you mean '\($0)'?" }
    }
}
