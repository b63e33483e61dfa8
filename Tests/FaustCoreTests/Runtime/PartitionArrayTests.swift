// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("PartitionArray")
struct PartitionArrayTests {
    @Test("a partition is known from the time on that something is set, whatever its number")
    func knowsWhatIsSet() {
        var array = PartitionArray<Int>()
        #expect(array[7] == nil)
        array[7] = 1
        array[2] = 2
        #expect(array[7] == 1)
        #expect(array.numbers == [2, 7])
        array[7] = nil
        #expect(array.numbers == [2])
    }

    @Test("a change of a partition that nothing is known of changes nothing")
    func changesOnlyWhatIsKnown() {
        var array = PartitionArray<Int>()
        array[1] = 5
        array[1]? += 1
        array[4]? += 1
        #expect(array[1] == 6)
        #expect(array.numbers == [1])
    }
}
