import Glibc
package import NIOSSL

/// A certificate and its key in files, for a server that speaks TLS.
package struct TLSFiles: Sendable {
    /// The certificate in PEM form, with those between it and its authority behind it.
    package var certificate: String
    /// The key in PEM form, which nobody but its owner may read.
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Why they cannot be used, and what to do.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// The configuration of a server with them, TLS 1.2 or newer.
    ///
    /// - Throws: that a file is missing, is open to others, is not what it should be, is not valid now, or that the two do
    ///   not belong together.
    package func configuration() throws(Fault) -> TLSConfiguration {
        try check(certificate, isSecret: false)
        try check(key, isSecret: true)
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw Fault(description: "\(certificate) has no certificate in PEM form.")
        }
        guard let own = chain.first else {
            throw Fault(description: "\(certificate) has no certificate in PEM form.")
        }
        try checkTime(of: own)
        let secret: NIOSSLPrivateKey
        do {
            secret = try NIOSSLPrivateKey(file: key, format: .pem)
        } catch {
            throw Fault(description: "\(key) has no key in PEM form without a passphrase.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(secret)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Fault(
                description: "The key of \(key) is not that of the certificate in \(certificate). "
                    + "Name the pair that belongs together."
            )
        }
        return configuration
    }

    private func check(_ path: String, isSecret: Bool) throws(Fault) {
        let mode: FileMode
        do throws(FileMode.Fault) {
            mode = try FileMode(of: path)
        } catch {
            throw Fault(description: "\(path) cannot be read: \(error.reason).")
        }
        guard mode.isFile else { throw Fault(description: "\(path) is not a file.") }
        guard !isSecret || !mode.isOpenToOthers else {
            throw Fault(
                description: "\(path) has the mode \(mode.digits): others may read the key. "
                    + "Do: chmod 600 \(path)"
            )
        }
    }

    private func checkTime(of own: NIOSSLCertificate) throws(Fault) {
        let now = time(nil)
        guard now <= own.notValidAfter else {
            throw Fault(
                description: "The certificate in \(certificate) has expired: it was valid until "
                    + "\(own.notValidAfter) s after 1970 UTC. Renew it."
            )
        }
        guard now >= own.notValidBefore else {
            throw Fault(
                description: "The certificate in \(certificate) is not valid yet: it is from "
                    + "\(own.notValidBefore) s after 1970 UTC on. Look at this machine's clock."
            )
        }
    }
}
