// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

extension ClientFrame {
    /// Reads a frame, without its length.
    package init(decoding bytes: Bytes) throws(WireFault) {
        var reader = WireReader(bytes)
        switch try reader.integer(UInt8.self) {
        case 0:
            guard try reader.integer(UInt64.self) == WireProtocol.magic else {
                throw WireFault("this is not a client of the log")
            }
            self = .hello(version: try reader.integer())
            // A later version may say more in its hello.
            return
        case 1: self = .request(id: try reader.integer(), try Request(from: &reader))
        case 2: self = .command(try Command(from: &reader))
        case 3:
            let (producer, id): (UInt32, UInt64) = (try reader.integer(), try reader.integer())
            self = .produce(producer: producer, id: id, try reader.outgoingMessages())
        case 4: self = .listenerReturned(call: try reader.integer())
        case let other: throw WireFault("there is no frame of kind \(other)")
        }
        try reader.end()
    }
}

extension ClientFrame.Request {
    fileprivate init(from reader: inout WireReader) throws(WireFault) {
        switch try reader.integer(UInt8.self) {
        case 0: self = .createTopics(try reader.declarations())
        case 1: self = .deleteTopics(try reader.strings())
        case 2: self = .topics(try reader.optional { reader throws(WireFault) in try reader.strings() })
        case 3: self = .offsets(try reader.partitions())
        case 4: self = .offsetsFrom(try reader.partitions(), timestampMilliseconds: try reader.integer())
        case 5: self = .committedOffsets(group: try reader.string(), try reader.partitions())
        case 6:
            let consumer: UInt32 = try reader.integer()
            let sets = try reader.array(elementByteCount: 4) { reader throws(WireFault) in
                CopartitionedSet(try reader.strings())
            }
            self = .subscribe(consumer: consumer, sets)
        case 7: self = .commit(consumer: try reader.integer(), try reader.offsets())
        case 8: self = .closeConsumer(try reader.integer())
        case 9: self = .flush(producer: try reader.integer())
        case 10: self = .beginTransaction(producer: try reader.integer())
        case 11:
            self = .commitTransaction(
                producer: try reader.integer(),
                try reader.offsets(),
                consumer: try reader.optional { reader throws(WireFault) in try reader.integer() }
            )
        case 12: self = .abortTransaction(producer: try reader.integer())
        case 13: self = .closeProducer(try reader.integer())
        case 14: self = .groupMembers(try reader.string())
        case let other: throw WireFault("there is no request of kind \(other)")
        }
    }
}

extension ClientFrame.Command {
    fileprivate init(from reader: inout WireReader) throws(WireFault) {
        let kind = try reader.integer(UInt8.self)
        let number: UInt32 = try reader.integer()
        switch kind {
        case 0: self = .openConsumer(number, try ClientFrame.ConsumerOptions(from: &reader))
        case 1:
            let clientID = try reader.string()
            let transactionalID = try reader.optional { reader throws(WireFault) in try reader.string() }
            self = .openProducer(number, clientID: clientID, transactionalID: transactionalID)
        case 2: self = .openQueue(number, consumer: try reader.integer())
        case 3:
            self = .read(
                consumer: number,
                try reader.partition(),
                position: try reader.optional { reader throws(WireFault) in try reader.integer() },
                queue: try reader.integer(),
                epoch: try reader.integer()
            )
        case 4: self = .stopReading(consumer: number, try reader.partition())
        case 5:
            self = .seek(
                consumer: number,
                try reader.partition(),
                position: try reader.optional { reader throws(WireFault) in try reader.integer() },
                epoch: try reader.integer()
            )
        case 6: self = .pause(consumer: number, try reader.partitions())
        case 7: self = .resume(consumer: number, try reader.partitions())
        case 8: self = .credit(queue: number, byteCount: try reader.integer())
        case let other: throw WireFault("there is no command of kind \(other)")
        }
    }
}

extension ClientFrame.ConsumerOptions {
    fileprivate init(from reader: inout WireReader) throws(WireFault) {
        group = try reader.optional { reader throws(WireFault) in try reader.string() }
        clientID = try reader.string()
        let reset = try reader.string()
        guard let offsetReset = OffsetReset(rawValue: reset) else {
            throw WireFault("'\(reset)' is no way to reset offsets")
        }
        self.offsetReset = offsetReset
        readCommitted = try reader.boolean()
    }
}

extension WireReader {
    /// Messages; their partitions are written once, as a table in front.
    fileprivate mutating func outgoingMessages() throws(WireFault) -> [OutgoingMessage] {
        let partitions = try partitions()
        return try array(elementByteCount: 17) { reader throws(WireFault) in
            let index = Int(try reader.integer(UInt32.self))
            guard index < partitions.count else { throw WireFault("there is no partition \(index) in the table") }
            let timestamp = try reader.optional { reader throws(WireFault) in try reader.integer(Int64.self) }
            let key = try reader.optionalBytes()
            let value = try reader.optionalBytes()
            let headers = try reader.slice(Int(reader.integer(UInt32.self)))
            return OutgoingMessage(
                to: partitions[index],
                key: key,
                value: value,
                timestampMilliseconds: timestamp,
                headers: headers.isEmpty ? Headers() : HeaderLayout.decode(headers)
            )
        }
    }
}
