/// Addresses that lead to this machine and to no other.
enum Loopback {
    /// Whether a host is one of them; a name that begins as one of its numbers is any name.
    static func has(_ host: some StringProtocol) -> Bool {
        let isNumber = host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
        return host == "localhost" || host == "::1" || (isNumber && host.hasPrefix("127."))
    }
}
