import CPage

extension NodeService {
    /// The files of the page: what the table in the binary has, and nothing else.
    var pageRoutes: [Route] {
        var routes: [Route] = []
        for index in 0..<plimsoll_page_count() {
            guard let file = plimsoll_page_file(index)?.pointee else { continue }
            let path = String(cString: file.path)
            let mediaType = String(cString: file.type)
            let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.length))
            for path in path == "/index.html" ? ["/", path] : [path] {
                routes.append(
                    Route("GET", path, nil) { _ throws(Problem) in
                        .content(bytes, mediaType: mediaType, headers: Self.pageHeaders)
                    }
                )
            }
        }
        return routes
    }

    /// Nothing from elsewhere, nothing inline, no frame around it.
    private static let pageHeaders = [
        (
            "Content-Security-Policy",
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                + "object-src 'none'"
        ),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cache-Control", "no-cache"),
    ]
}
