package io.sqlmq.engine.claim;

import io.sqlmq.engine.model.EngineListeners;

/**
 * What this room has for transactions of every kind: claims, and how they end.
 *
 * @param statements of claims
 * @param ready those of claims in queues that flow
 * @param limitSlots of limited channels
 * @param signatures of transactions that may die with what they have claimed
 * @param leases of messages that are worked on for long
 * @param requeues statements that give back
 * @param pendingAcks what could not be written at once
 * @param rolledBack what was received in transactions that failed
 * @param knownFailures deliveries that failed and are not in the row yet
 * @param payloads shared bodies
 * @param listeners who hears of it
 */
public record ClaimParts(
        ClaimStatements statements,
        ReadyClaimStatements ready,
        LimitSlots limitSlots,
        Signatures signatures,
        Leases leases,
        RequeueStatements requeues,
        PendingAcks pendingAcks,
        RolledBack rolledBack,
        KnownFailures knownFailures,
        Payloads payloads,
        EngineListeners listeners) {}
