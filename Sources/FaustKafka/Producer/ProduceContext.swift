// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import Synchronization

/// The messages of one call of `send`, until the last one is settled.
///
/// librdkafka reads the values where they are, without a copy, and gives back a pointer per message: that of the
/// message's slot, which holds the address of the context; the slot's place is the message's index.
///
/// It is `@unchecked Sendable` because of the slots. They are written in `init` only and freed in `deinit`. The context
/// owns itself from ``open(_:completion:generation:)`` on until ``settle(_:_:)`` has been called for every message, so
/// that neither slots nor messages go while librdkafka has a pointer to them.
final class ProduceContext: @unchecked Sendable {
    typealias Completion = @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void

    let messages: [OutgoingMessage]
    /// Which flush the call came before.
    let generation: Int
    private let completion: Completion
    private let slots: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private let remaining: Atomic<Int>

    private init(_ messages: [OutgoingMessage], _ completion: @escaping Completion, _ generation: Int) {
        self.messages = messages
        self.generation = generation
        self.completion = completion
        slots = .allocate(capacity: messages.count)
        remaining = Atomic(messages.count)
        slots.initialize(repeating: Unmanaged.passUnretained(self).toOpaque(), count: messages.count)
    }

    deinit {
        slots.deallocate()
    }

    /// A context that stays until all its messages, at least one, are settled.
    static func open(
        _ messages: [OutgoingMessage],
        completion: @escaping Completion,
        generation: Int
    ) -> ProduceContext {
        let context = ProduceContext(messages, completion, generation)
        _ = Unmanaged.passRetained(context)
        return context
    }

    /// The pointer that librdkafka gives back with the message's report.
    func slot(_ index: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(slots + index)
    }

    /// The context and index of a pointer that ``slot(_:)`` returned.
    static func find(_ slot: UnsafeMutableRawPointer) -> (context: ProduceContext, index: Int) {
        let address = slot.assumingMemoryBound(to: UnsafeMutableRawPointer.self)
        let context = Unmanaged<ProduceContext>.fromOpaque(address.pointee).takeUnretainedValue()
        return (context, address - context.slots)
    }

    /// Tells the outcome of a message, once per message.
    ///
    /// - Returns: Whether it was the last one; the context no longer owns itself then.
    func settle(_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Bool {
        completion(index, outcome)
        guard remaining.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return false }
        // Balances the retain in open(): this was the last message, so that nobody has a slot any more.
        Unmanaged.passUnretained(self).release()
        return true
    }
}
#endif
