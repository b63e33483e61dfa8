// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension App {
    /// A stream of the elements of any asynchronous sequence, such as of lines, of notifications, or of a library's events.
    ///
    /// It has all operators, so that it can be merged, grouped or sent on. The sequence is iterated once, from when the app
    /// runs on, and no faster than the stream is: it waits while ``Settings/streamBufferMaxsize`` elements are unfinished.
    /// The stream ends when the sequence has and its last element is finished; an error of the sequence is thrown by the
    /// stream then. Elements are neither kept nor acknowledged at a broker: what waits when the process ends is lost.
    ///
    /// - Parameters:
    ///   - sequence: The sequence.
    ///   - name: What the stream is called in logs.
    /// - Returns: The stream.
    /// - Precondition: The app does not run yet.
    public func stream<Elements: AsyncSequence & Sendable>(
        of sequence: Elements,
        name: String = "sequence"
    ) -> EventStream<Void, Elements.Element>
    where Elements.Element: Sendable, Elements.AsyncIterator: SendableMetatype {
        let channel = channel(name, of: Elements.Element.self)
        let stream = channel.stream()
        let buffer = stream.source.buffer
        if declarations.withLock({ $0.isSealed }) {
            buffer.close(throwing: FaustError(.lifecycle, "declare the stream of \(name) before the app runs"))
            return stream
        }
        task {
            do {
                for try await element in sequence { try await channel.send(element) }
                buffer.end()
            } catch is CancellationError where Task.isCancelled {
                // The worker stops; whoever reads the stream is told by its own task.
                return
            } catch {
                buffer.end(
                    throwing: error as? FaustError
                        ?? FaustError(.handler, "the sequence \(name) has failed", cause: error)
                )
            }
        }
        return stream
    }
}
