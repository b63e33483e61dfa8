// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// State of the worker that is committed together with the offsets, such as a table.
///
/// ``Committer`` and ``Conductor`` call it; participants are made once per run of the app, by
/// ``Declarations/participants``. Every event whose effects are in a commit is told apart from every other one by three
/// rules that the engine keeps:
///
/// - **Offsets first.** The offsets of a commit are taken before ``prepare(_:)``: the effects of all events below them
///   are in the state that is prepared.
/// - **One at a time.** The calls of commits (``prepare(_:)``, ``store()``, ``committed()``, ``rollBack(_:)``) never
///   overlap each other. Calls about partitions may come at the same time as those about commits, but a partition is
///   not revoked while a commit that has it is under way.
/// - **Nobody processes during a roll-back.** See ``rollBack(_:)``.
///
/// **At least once.** Bodies go on while a commit is under way:
///
/// 1. the offsets are taken;
/// 2. ``prepare(_:)``: each dirty key becomes one changelog message;
/// 3. the producer is flushed: every changelog message is in the log, or the commit has failed;
/// 4. ``store()``: data and changelog position go to the store in one atomic write;
/// 5. the offsets are committed;
/// 6. ``committed()``.
///
/// A crash before 3 leaves changelog messages that the store does not know: recovery applies them, and their events
/// come again (the repeats of at-least-once). A crash between 3 and 4 does the same. A crash between 4 and 5 repeats
/// the events too, but recovery has nothing to replay. The store is written *before* the offsets so that a store that
/// fails (disk full) fails the commit while its events can still come again, and so that a partition that is revoked
/// leaves a store at the end of its changelog. The store is never ahead of the changelog, because of 3.
///
/// **Exactly once.** All streams are held back between two events first, so that state and offsets are of one moment:
///
/// 1. the barrier: no body has an event in hand;
/// 2. the offsets are taken, ``prepare(_:)``, the flush;
/// 3. the transaction is committed: changelog, output and offsets take effect together, or not at all;
/// 4. ``store()``, ``committed()``, and the streams go on.
///
/// A crash before 3 leaves nothing: readers of committed messages never see the changelog messages. A crash between 3
/// and 4 leaves a store that is behind its changelog: recovery, which reads committed messages only, replays the rest.
/// The store must not be written before 3, since it would be ahead of the changelog of a transaction that is aborted.
protocol CommitParticipant: AnyObject, Sendable {
    /// What the participant is called in logs, such as the name of a table.
    var name: String { get }

    // MARK: The run of the app

    /// Is called once when the app starts, when its topics exist and before it joins the group.
    ///
    /// Starts what is fed outside of the group, such as a table that every worker has all partitions of.
    /// - Throws: What stops the app.
    func start() async throws

    /// Is called once when everything has been revoked and the producer still works.
    func stop() async

    // MARK: Partitions

    /// Whether ``recover(_:)`` has anything to do before the streams of a partition may start.
    ///
    /// - Parameter partition: A partition of a topic that agents read; the table partition is that of its number.
    /// - Returns: `false` when the streams of the partition may start at once.
    func needsRecovery(_ partition: TopicPartition) -> Bool

    /// Gets the state of a partition ready; its streams start when it returns for every participant.
    ///
    /// Runs in a task of its own per partition, so that each starts as soon as it is ready, whatever the others do. Topics
    /// that are co-partitioned each have a partition of that number: a table is asked once for each of them, at the same
    /// time, and each call waits for the one recovery that they share.
    ///
    /// - Throws: `CancellationError` when the task was cancelled, since the partition is revoked or lost: then the state
    ///   is to be left so that a later call starts over or goes on, and ``revoked(_:)`` or ``lost(_:)`` follows. Any
    ///   other error stops the worker.
    func recover(_ partition: TopicPartition) async throws

    /// Partitions are gone; their last commit is over. Closes what belongs to them.
    func revoked(_ partitions: [TopicPartition]) async

    /// Partitions are gone without a last commit. Drops what was not stored and closes what belongs to them.
    func lost(_ partitions: [TopicPartition]) async

    // MARK: Commits

    /// Does what is due before any participant is prepared, such as closing windows.
    ///
    /// Callbacks run here, in an ``EventScope`` of their partition: what they send and write, to whatever participant,
    /// belongs to this commit.
    ///
    /// - Throws: What stops the worker.
    func beforePrepare() async throws

    /// Hands over one changelog message per key that has changed since the last call, for all partitions.
    ///
    /// What is handed over must be kept, as it is now, for ``store()``; later changes belong to the next commit.
    ///
    /// - Parameter changelog: Takes the messages, and tells after the flush (exactly once: after the commit of the
    ///   transaction) up to where they are in the log.
    /// - Throws: What stops the worker, such as a value that can't be encoded.
    func prepare(_ changelog: ChangelogWriter) async throws

    /// Writes what was handed over by the last ``prepare(_:)``, together with the changelog positions of its receipts.
    ///
    /// - Throws: What stops the worker, such as a full disk. Nothing is committed then (exactly once: recovery replays
    ///   what the store has missed).
    func store() async throws

    /// The offsets of the commit have been confirmed, too.
    func committed()

    /// Goes back to what the last ``store()`` wrote: neither what was handed over nor what was written since counts.
    ///
    /// All streams are held back, and the events behind the last commit come again afterwards; a body that has an event
    /// in hand at that moment may still go on with it (at least once), or fails when it next writes or sends, see
    /// ``EventScope/isExpelled`` (exactly once).
    ///
    /// Every key that was handed over since the last ``store()`` must be handed over again by the next ``prepare(_:)``,
    /// with the value that it has then: under at-least-once its message may be in the changelog all the same.
    ///
    /// - Parameter partitions: The partitions of the topics that agents read, all that are assigned and recovered.
    func rollBack(_ partitions: [TopicPartition]) async
}

extension CommitParticipant {
    func start() async throws {}
    func stop() async {}
    func committed() {}
    func beforePrepare() async throws {}
}
