import Plimsoll
package import PlimsollWire

extension JSONWriter {
    /// Writes the fields of a mapping; decimals are texts.
    package mutating func fields(of value: RulebookValue) {
        guard case .mapping(let fields) = value else { return }
        for field in fields {
            key(field.key)
            self.value(field.value)
        }
    }

    /// Writes a value of a rulebook.
    package mutating func value(_ value: RulebookValue) {
        switch value {
        case .text(let text), .number(let text): string(text)
        case .boolean(let boolean): self.boolean(boolean)
        case .null: null()
        case .list(let values):
            array { array in
                for value in values { array.value(value) }
            }
        case .mapping: object { object in object.fields(of: value) }
        }
    }
}
