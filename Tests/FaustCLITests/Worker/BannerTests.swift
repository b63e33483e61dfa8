// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import Testing

@Suite struct BannerTests {
    @Test("a banner tells who works where, and leaves out what is not there") func table() {
        let banner = Banner(
            version: "0.1.0",
            id: "orders",
            transport: "kafka://alice:secret@localhost:9092",
            log: "-stderr- (info)",
            datadir: nil,
            pid: 4_711,
            hostname: "host",
            platform: "Linux 6.1 x86_64"
        )
        #expect(
            banner.table.text(for: .plain) == """
                swift-faust 0.1.0
                id         orders
                transport  kafka://alice:***@localhost:9092
                log        -stderr- (info)
                pid        4711
                hostname   host
                platform   Linux 6.1 x86_64

                """
        )
    }

    @Test(
        "passwords are not shown, whatever they hold",
        arguments: [
            ("kafka://localhost:9092", "kafka://localhost:9092"),
            ("kafka://u:p@h:9092/x", "kafka://u:***@h:9092/x"),
            ("kafka://u:p/a,s;s@h", "kafka://u:***@h"),
            ("kafka://u:p@@h", "kafka://u:***@h"),
            ("u:p@h", "u:***@h"),
            ("kafka://u@h", "kafka://u@h"),
            ("log:///data/orders", "log:///data/orders"),
            ("kafka://u:p@h1,v:q@h2", "kafka://u:***@h2"),
        ]
    )
    func passwords(url: String, shown: String) {
        #expect(Banner.withoutPassword(url) == shown)
    }

    @Test("the machine has a name and a platform") func machine() {
        #expect(!Machine.hostname.isEmpty)
        #expect(Machine.platform.split(separator: " ").count >= 3)
    }
}
