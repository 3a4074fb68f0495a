package io.sqlmq.engine.jdbc;

import io.sqlmq.engine.model.Selection;
import io.sqlmq.engine.model.TemporaryNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Statements that several parts of the engine run, for one schema. The functions they call are in the module schema. */
public final class Statements {

    /** Whether the role may take messages out of queues of a schema. */
    static final String MAY_RECEIVE =
            "SELECT pg_catalog.has_table_privilege(pg_catalog.format('%I.mq_msgs', ?::text), 'DELETE')::int";

    public static final String BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";
    public static final String COMMIT = "COMMIT";
    public static final String ROLLBACK = "ROLLBACK";
    public static final String SAVEPOINT = "SAVEPOINT sqlmq";
    public static final String ROLLBACK_TO_SAVEPOINT = "ROLLBACK TO SAVEPOINT sqlmq";
    public static final String CLAIM_SAVEPOINT = "SAVEPOINT sqlmq_claim";
    public static final String RELEASE_CLAIM_SAVEPOINT = "RELEASE SAVEPOINT sqlmq_claim";
    public static final String ROLLBACK_TO_CLAIM_SAVEPOINT = "ROLLBACK TO SAVEPOINT sqlmq_claim";
    public static final String TAKE_SAVEPOINT = "SAVEPOINT sqlmq_take";
    public static final String RELEASE_TAKE_SAVEPOINT = "RELEASE SAVEPOINT sqlmq_take";
    public static final String ROLLBACK_TO_TAKE_SAVEPOINT = "ROLLBACK TO SAVEPOINT sqlmq_take";
    /** Lets the transaction fail. */
    public static final String FAIL = "DO $$BEGIN RAISE 'what cannot be read cannot be set aside here'; END$$";

    public static final String TRANSACTION_ID = "SELECT pg_current_xact_id()";
    // age() counts from the transaction's own number or, while it has none, from the next that will be given out.
    public static final String OWN_WRITERS =
            "SELECT w::text FROM pg_catalog.unnest(?::xid[]) AS w WHERE pg_catalog.age(w) <= 0";
    public static final String RELAXED_COMMIT = "SET LOCAL synchronous_commit = off";

    public static final String STRICT_COMMIT = "SET LOCAL synchronous_commit TO DEFAULT";

    public static final String SHORT_LOCK_TIMEOUT = "SET LOCAL lock_timeout = 100";

    private static final String IDLE_TIMEOUT = "idle_in_transaction_session_timeout";

    /** The LISTEN channel. */
    public final String topic;

    public final String claim;
    public final String claimBehind;
    public final String take;
    public final String ack;
    public final String ackIds;
    public final String lease;
    public final String giveBack;
    public final String noteAttempts;
    public final String keepCompleted;
    public final String setAside;
    public final String holdGroups;
    public final String look;
    /** The first visible numbers of many ranks of many channels: 0 by the index in mq_msgs, 1 in the unlogged table, 2 of groups. */
    public final String visibleOfMany;

    public final String writers;
    public final String complete;
    public final String passWaiting;
    /** The same for channels that have no floors of what waits. */
    public final String passWaitingFirst;

    public final String anyWaitingBefore;
    public final String lookBehind;
    public final String notifyChannels;
    public final String notifyAll;
    public final String sweepExpired;
    public final String insertPlain;
    public final String insertPlainUnlogged;
    public final String insertFull;
    public final String insertFullUnlogged;
    public final String insertPlainJobs;
    public final String insertFullJobs;
    public final String commitReserved;
    public final String present;
    public final String transactionStatus = "SELECT pg_catalog.pg_xact_status(?::text::xid8)";
    public final String newOwner;
    public final String renewOwner;
    public final String renewLateOwner;
    public final String lockOwner;
    public final String unlockOwner;
    public final String dropOwner;
    public final String newSignatures;
    public final String settleSignatures;
    public final String sweepAttempts;
    public final String countTraffic;
    public final String sweepCompleted;
    public final String sweepSignatures;
    public final String temporaryNames;
    public final String goneTemporaryOwners;
    public final String sweepTemporaries;
    public final String sweepOwners;
    public final String slotHolders;
    public final String discard;
    public final String discardSchedules;
    public final String deadOwners;
    public final String endLeases;
    public final String registered;
    public final String registerWaiters;
    public final String dropWaiters;
    public final String renewLeases;
    public final String isolation = "SELECT pg_catalog.current_setting('transaction_isolation')";

    private static final String PLAIN_COLUMNS =
            "id, channel_name, prio_rank, sent_at, body_type, payload_text, payload_bytes";
    private static final String FULL_COLUMNS = PLAIN_COLUMNS
            + ", properties, property_types, attempt_at, delivery_time, expires_at, expiration,"
            + " message_id, destination, reply_to, correlation_id, jms_type, redelivery_policy, delivery_mode, grp, slot";
    /** What is written in all of them: arrays, and what their elements are called. */
    private static final String FULL_ARRAYS =
            "?::uuid[], ?::text[], ?::smallint[], ?::bigint[], ?::text[], ?::text[], ?::bytea[], ?::text[], ?::text[], ?::bigint[],"
                    + " ?::bigint[], ?::bigint[], ?::bigint[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],"
                    + " ?::smallint[], ?::text[]";

    private static final String FULL_NAMES =
            "id, channel, prio_rank, sent_at, body_type, text, bytes, properties, property_types, delay, delivery_time, ttl,"
                    + " expiration, message_id, destination, reply_to, correlation_id, jms_type, redelivery_policy,"
                    + " delivery_mode, grp";

    private final String schema;
    private final long most;
    private final Map<String, String> rowInserts = new ConcurrentHashMap<>();
    private final Map<String, String> relaxedInserts = new ConcurrentHashMap<>();

    /**
     * The statements for a schema.
     *
     * @param most bytes that a message may have to be fetched
     */
    public Statements(String schemaName, long most) {
        schema = quote(schemaName);
        this.most = most;
        topic = "sqlmq:" + md5(schema);
        // The time-out is for processes that freeze in a window: their connections look alive.
        String claims = "pg_catalog.set_config('" + IDLE_TIMEOUT + "', coalesce(?, pg_catalog.current_setting('"
                + IDLE_TIMEOUT + "')), true), " + schema
                + ".mq_claim(?, ?, ?, ?, ?, ?, ?, ?, ?::xid[], ?, ?, ?, ?, ?, ?, ?, ?, " + most;
        String claimed = "SELECT " + Fetched.columns("c.suspect") + ", " + sign(schema) + " FROM ";
        claim = claimed + Fetched.from(schema, most, claims + ") AS c");
        claimBehind = claimed + Fetched.from(schema, most, claims + ", ?::bigint[]) AS c");
        take = "SELECT * FROM " + schema + ".mq_take(?, ?, ?, ?, ?, ?, ?::xid[], ?, ?, ?, true, ?, ?, ?, ?, ?, " + most
                + ", ?::bigint[])";
        ack = "SELECT " + schema + ".mq_ack(?, ?::tid[], ?::tid[], ?)";
        ackIds = "SELECT * FROM " + schema + ".mq_ack_ids(?, ?, ?, ?)";
        lease = "SELECT " + schema + ".mq_lease(?, ?::tid[], ?::tid[], ?, ?, ?)";
        giveBack = "SELECT " + schema + ".mq_give_back(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        keepCompleted = "SELECT " + schema + ".mq_keep_completed(?, ?, ?, ?, ?, ?)";
        noteAttempts = "SELECT " + schema + ".mq_note_attempts(?, ?, ?, ?, ?)";
        setAside = "SELECT " + schema + ".mq_set_row_aside(?, ?, ?, ?)";
        holdGroups = "SELECT g FROM pg_catalog.unnest(?::text[]) AS g WHERE " + schema + ".mq_hold_slot(?, " + schema
                + ".mq_slot(g))";
        look = "SELECT * FROM " + schema + ".mq_look(?, ?, ?, ?, ?, ?, ?)";
        visibleOfMany = """
                SELECT f.i, CASE f.t WHEN 0::smallint THEN (SELECT v FROM %1$s.mq_visible(f.channel, f.rank, f.floor, 1) AS v)
                                     WHEN 1::smallint THEN (SELECT v FROM %1$s.mq_visible_unlogged(f.channel, f.rank, f.floor, 1) AS v)
                                     ELSE (SELECT v FROM %1$s.mq_visible_grouped(f.channel, f.rank, f.floor, 1) AS v) END
                  FROM unnest(?::text[], ?::smallint[], ?::bigint[], ?::smallint[])
                    WITH ORDINALITY AS f (channel, rank, floor, t, i)""".formatted(schema);
        writers = "SELECT pg_catalog.unnest(" + schema + ".mq_writers())";
        // Of a sequence that nobody has used yet, the last value is the one that comes next.
        complete = """
                SELECT s.last_value - CASE WHEN s.is_called THEN 0 ELSE 1 END, r.last_value, (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000::numeric)::bigint
                  FROM %1$s.mq_seq s, %1$s.mq_round r""".formatted(schema);
        passWaiting = "SELECT * FROM " + schema + ".mq_pass_waiting(?, ?::bigint[], ?, ?)";
        passWaitingFirst =
                "SELECT c.name, w.since, w.again FROM pg_catalog.unnest(?::text[]) AS c (name) CROSS JOIN LATERAL "
                        + schema + ".mq_pass_waiting(c.name, NULL, ?, ?) AS w";
        anyWaitingBefore = "SELECT " + schema + ".mq_first_waiting(?, NULL, ?::bigint[]) <> ?::bigint[]";
        lookBehind = "SELECT * FROM " + schema + ".mq_look_behind(?, ?::bigint[])";
        notifyAll = """
                WITH c AS MATERIALIZED (SELECT * FROM unnest(?::text[], ?::bigint[], ?::text[]) AS u (name, due, polled))
                SELECT pg_catalog.pg_notify(?, c.due::text || ' ' || c.name) FROM c
                UNION ALL
                SELECT pg_catalog.pg_notify(j.name, '') FROM c, LATERAL (VALUES ('mq'::text), ('mq_' || c.name)) AS j (name)
                 WHERE c.polled = 'YES'::text AND pg_catalog.octet_length(j.name) <= 63""";
        // What mq_notify does, whose plan would be made anew each time; and those who poll jobs.
        notifyChannels = """
                WITH c AS MATERIALIZED (
                  SELECT ?::text AS topic, u.name, u.due, u.polled FROM unnest(?::text[], ?::bigint[], ?::text[]) AS u (name, due, polled))
                SELECT pg_catalog.pg_notify(c.topic, c.due::text || ' ' || c.name) FROM c
                 WHERE EXISTS (SELECT FROM %1$s.mq_waiters w WHERE w.channel_name = c.name AND w.owner <> ?)
                UNION ALL
                SELECT pg_catalog.pg_notify(j.name, '') FROM c, LATERAL (VALUES ('mq'::text), ('mq_' || c.name)) AS j (name)
                 WHERE pg_catalog.octet_length(j.name) <= 63
                   AND CASE c.polled WHEN 'NO'::text THEN false WHEN 'PERHAPS'::text THEN %1$s.mq_has_jobs(c.name) ELSE true END""".formatted(schema);
        sweepExpired = "SELECT " + schema + ".mq_sweep_expired(?, ?, ?)";
        insertPlain = insertPlain("mq_msgs");
        insertPlainUnlogged = insertPlain("mq_msgs_unlogged");
        insertFull = insertFull("mq_msgs");
        insertFullUnlogged = insertFull("mq_msgs_unlogged");
        insertPlainJobs = insertPlainJobs();
        insertFullJobs = insertFullJobs();
        commitReserved = "SELECT " + schema + ".mq_commit(?)";
        present = """
                SELECT (SELECT count(*) FROM %1$s.mq_msgs WHERE id = ANY (?))
                     + (SELECT count(*) FROM %1$s.mq_msgs_unlogged WHERE id = ANY (?))
                     + (SELECT count(*) FROM %1$s.mq_schedules WHERE id = ANY (?))""".formatted(schema);
        newOwner = """
                INSERT INTO %1$s.mq_owners (owner, description, listening, alive_until)
                VALUES (pg_catalog.nextval('%2$s.mq_owner_seq'), ?, ?, statement_timestamp() + interval '60 s')
                RETURNING owner""".formatted(schema, schema.replace("'", "''"));
        renewOwner = """
                INSERT INTO %1$s.mq_owners (owner, description, listening, alive_until)
                VALUES (?, ?, ?, statement_timestamp() + interval '60 s')
                ON CONFLICT (owner) DO UPDATE SET alive_until = excluded.alive_until, listening = excluded.listening""".formatted(schema);
        renewLateOwner = """
                INSERT INTO %1$s.mq_owners (owner, description, listening, alive_until)
                SELECT n.owner, n.description, n.listening, statement_timestamp() + interval '60 s'
                  FROM (VALUES (?, ?, ?)) AS n (owner, description, listening)
                 WHERE NOT EXISTS (SELECT FROM %1$s.mq_owners o
                                    WHERE o.owner = n.owner AND o.alive_until > statement_timestamp() + interval '30 s')
                ON CONFLICT (owner) DO UPDATE SET alive_until = excluded.alive_until, listening = excluded.listening""".formatted(schema);
        unlockOwner = "SELECT pg_catalog.pg_advisory_unlock(" + lockClass() + ", ?)";
        lockOwner = "SELECT pg_catalog.pg_try_advisory_lock(" + lockClass() + ", ?)";
        dropOwner = """
                WITH gone AS (DELETE FROM %1$s.mq_owners WHERE owner = ?)
                DELETE FROM %1$s.mq_waiters WHERE owner = ?""".formatted(schema);
        newSignatures = """
                INSERT INTO %1$s.mq_signatures (id, owner)
                SELECT pg_catalog.nextval('%2$s.mq_signature_seq'), ? FROM pg_catalog.generate_series(1, ?) RETURNING id""".formatted(schema, schema.replace("'", "''"));
        settleSignatures = "SELECT " + schema + ".mq_settle_signatures(?)";
        countTraffic = "SELECT " + schema + ".mq_count_traffic(?, ?, ?)";
        sweepCompleted = "SELECT " + schema + ".mq_sweep_completed(?)";
        sweepAttempts = "SELECT " + schema + ".mq_sweep_attempts(?)";
        sweepSignatures = "SELECT " + schema + ".mq_sweep_signatures(?)";
        temporaryNames = "SELECT " + schema + ".mq_temporary_names(?, ?)";
        goneTemporaryOwners = "SELECT " + schema + ".mq_gone_temporary_owners(?)";
        sweepTemporaries = "SELECT " + schema + ".mq_sweep_temporaries(?)";
        slotHolders = "SELECT * FROM " + schema + ".mq_slot_holders(?)";
        sweepOwners = """
                WITH gone AS (
                  DELETE FROM %1$s.mq_owners o
                   WHERE o.alive_until < statement_timestamp() - interval '60 s'
                     AND NOT EXISTS (SELECT FROM %1$s.mq_msgs m
                                      WHERE m.channel_name >= '%2$s' || o.owner::text || ':'
                                        AND m.channel_name < '%2$s' || o.owner::text || ';')
                     AND NOT EXISTS (SELECT FROM %1$s.mq_msgs_unlogged m
                                      WHERE m.channel_name >= '%2$s' || o.owner::text || ':'
                                        AND m.channel_name < '%2$s' || o.owner::text || ';')
                  RETURNING owner)
                DELETE FROM %1$s.mq_waiters w
                 WHERE NOT EXISTS (SELECT FROM %1$s.mq_owners o WHERE o.owner = w.owner)
                    OR w.owner IN (SELECT owner FROM gone)""".formatted(schema, TemporaryNames.PREFIX);
        discard = """
                WITH msgs AS (DELETE FROM %1$s.mq_msgs WHERE ctid = ANY (ARRAY(
                                SELECT ctid FROM %1$s.mq_msgs WHERE channel_name = ANY (?) FOR UPDATE SKIP LOCKED)))
                DELETE FROM %1$s.mq_msgs_unlogged WHERE ctid = ANY (ARRAY(
                  SELECT ctid FROM %1$s.mq_msgs_unlogged WHERE channel_name = ANY (?) FOR UPDATE SKIP LOCKED))""".formatted(schema);
        discardSchedules =
                """
                DELETE FROM %1$s.mq_schedules WHERE ctid = ANY (ARRAY(
                  SELECT ctid FROM %1$s.mq_schedules
                   WHERE channel_name = ANY (?) AND channel_name >= '%2$s:' AND channel_name < '%2$s;'
                     FOR UPDATE SKIP LOCKED))""".formatted(schema, TemporaryNames.PREFIX.substring(0, TemporaryNames.PREFIX.length() - 1));
        deadOwners = deadOwners();
        endLeases = endLeases();
        registered = """
                SELECT (SELECT count(*) FROM %1$s.mq_waiters WHERE owner = ?),
                       (SELECT count(*) FROM %1$s.mq_signatures WHERE owner = ? AND id > ?)""".formatted(schema);
        registerWaiters = """
                INSERT INTO %1$s.mq_waiters (channel_name, owner, selectors)
                SELECT c.name, ?, c.selectors FROM ROWS FROM (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::text[])) AS c (name, selectors)
                 ORDER BY c.name
                ON CONFLICT (channel_name, owner) DO UPDATE SET selectors = excluded.selectors""".formatted(schema);
        dropWaiters = "DELETE FROM " + schema + ".mq_waiters WHERE owner = ? AND channel_name = ANY (?)";
        renewLeases = "SELECT * FROM " + schema + ".mq_renew(?, ?, ?, ?, ?, ?, ?)";
    }

    /** The owners' own lock class, so that other users of advisory locks are not in the way. */
    public int lockClass() {
        return 0x53514C00 ^ topic.hashCode();
    }

    /** Inserts so many rows; {@code count} is a power of two up to 16. */
    public String insertRows(boolean persistent, boolean plain, int count) {
        String key = (persistent ? "P" : "N") + (plain ? "p" : "f") + count;
        return rowInserts.computeIfAbsent(key, k -> {
            String row = plain ? "(?::uuid, ?, ?::smallint, ?::bigint, ?, ?, ?::bytea)" : """
                    (?::uuid, ?, ?::smallint, ?::bigint, ?, ?, ?::bytea, ?::jsonb, ?::jsonb,
                     statement_timestamp() + ?::float8 * interval '1 millisecond', ?::bigint,
                     statement_timestamp() + ?::float8 * interval '1 millisecond', ?::bigint,
                     ?::uuid, ?, ?, ?, ?, ?, ?::smallint, ?, %s.mq_slot(?))""".formatted(schema);
            return "INSERT INTO " + schema + (persistent ? ".mq_msgs" : ".mq_msgs_unlogged") + " ("
                    + (plain ? PLAIN_COLUMNS : FULL_COLUMNS) + ") VALUES "
                    + String.join(", ", Collections.nCopies(count, row));
        });
    }

    /** The same INSERT, whose transaction does then not wait for the disk, with or without BEGIN. */
    public String relaxed(String insert) {
        return relaxedInserts.computeIfAbsent(
                insert,
                i -> i.replaceFirst(
                        "\\?::uuid(\\[])?",
                        "CASE WHEN pg_catalog.set_config('synchronous_commit', 'off', true) = 'off' THEN $0 END"));
    }

    /** Locks those of the rows that are where they were and as they were; rows that others hold are left out. */
    public String lockUntouched(boolean unlogged) {
        return "SELECT id FROM " + table(unlogged)
                + " WHERE ctid = ANY (?::tid[]) AND id = ANY (?) FOR UPDATE SKIP LOCKED";
    }

    /** The server ends the connection of a transaction that has been idle for so long. */
    public static String idleTimeout(String millis) {
        return "SET LOCAL " + IDLE_TIMEOUT + " = " + millis;
    }

    private String insertPlain(String table) {
        return """
                INSERT INTO %1$s.%2$s (id, channel_name, prio_rank, sent_at, body_type, payload_text, payload_bytes)
                SELECT * FROM unnest(?::uuid[], ?::text[], ?::smallint[], ?::bigint[], ?::text[], ?::text[], ?::bytea[])""".formatted(schema, table);
    }

    private String insertFull(String table) {
        return """
                INSERT INTO %1$s.%2$s (%3$s)
                SELECT id, channel, prio_rank, sent_at, body_type, text, bytes, properties::jsonb, property_types::jsonb,
                       statement_timestamp() + delay::float8 * interval '1 millisecond', delivery_time,
                       statement_timestamp() + ttl::float8 * interval '1 millisecond', expiration,
                       message_id, destination, reply_to, correlation_id, jms_type, redelivery_policy, delivery_mode,
                       grp, %1$s.mq_slot(grp)
                  FROM unnest(%4$s) AS m (%5$s)""".formatted(schema, table, FULL_COLUMNS, FULL_ARRAYS, FULL_NAMES);
    }

    /** Jobs that have nothing besides but arguments. Each array costs, for every row, as each column does. */
    private String insertPlainJobs() {
        return """
                INSERT INTO %1$s.mq_msgs (id, channel_name, prio_rank, sent_at, payload_bytes, name, channel_args, properties,
                                          retry_backoff, max_deliveries, payload_json)
                SELECT id, channel, prio_rank, sent_at, bytes, name, args,
                       CASE WHEN args <> '' THEN pg_catalog.jsonb_build_object('JMS_SQLMQ_ChannelArgs', args) END,
                       CASE WHEN backoff >= 0 THEN backoff::float8 * interval '1 millisecond' END,
                       CASE WHEN deliveries > 0 THEN deliveries END, json::jsonb
                  FROM unnest(?::uuid[], ?::text[], ?::smallint[], ?::bigint[], ?::bytea[], ?::text[], ?::text[], ?::bigint[],
                              ?::integer[], ?::text[])
                    AS m (id, channel, prio_rank, sent_at, bytes, name, args, backoff, deliveries, json)""".formatted(schema);
    }

    /** Jobs, as mq_insert writes them: what is only reserved expires when its time is over. */
    private String insertFullJobs() {
        return """
                INSERT INTO %1$s.mq_msgs (%2$s, name, channel_args, commit_interval, retry_backoff, max_deliveries, payload_json)
                SELECT id, channel, prio_rank, sent_at, body_type, text, bytes,
                       CASE WHEN properties IS NOT NULL THEN properties::jsonb
                            WHEN args = '' THEN NULL
                            WHEN grp IS NULL THEN pg_catalog.jsonb_build_object('JMS_SQLMQ_ChannelArgs', args)
                            ELSE pg_catalog.jsonb_build_object('JMS_SQLMQ_ChannelArgs', args, 'JMSXGroupID', args) END,
                       property_types::jsonb,
                       statement_timestamp() + delay::float8 * interval '1 millisecond',
                       delivery_time,
                       statement_timestamp() + CASE WHEN reserved IS NULL THEN ttl ELSE delay END::float8 * interval '1 millisecond',
                       expiration, message_id, destination, reply_to, correlation_id, jms_type, redelivery_policy, delivery_mode,
                       grp, %1$s.mq_slot(grp), name, args, reserved::float8 * interval '1 millisecond',
                       CASE WHEN backoff >= 0 THEN backoff::float8 * interval '1 millisecond' END,
                       CASE WHEN deliveries > 0 THEN deliveries END, json::jsonb
                  FROM unnest(%3$s, ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::integer[], ?::text[])
                    AS m (%4$s, name, args, reserved, backoff, deliveries, json)""".formatted(schema, FULL_COLUMNS, FULL_ARRAYS, FULL_NAMES);
    }

    /**
     * Other processes that hold leases and are dead as far as one can see: they promised to hold an advisory lock and do
     * not, on a server that has been up long enough for them to come back.
     */
    private String deadOwners() {
        return """
                SELECT o.owner FROM %1$s.mq_owners o
                 WHERE o.listening AND o.owner <> ?
                   AND (EXISTS (SELECT FROM %1$s.mq_msgs m WHERE m.lease_owner = o.owner AND m.attempt_at >= '1970-01-02 00:00+00')
                     OR EXISTS (SELECT FROM %1$s.mq_msgs_unlogged m WHERE m.lease_owner = o.owner AND m.attempt_at >= '1970-01-02 00:00+00'))
                   AND pg_postmaster_start_time() < statement_timestamp() - interval '15 s'
                   AND NOT EXISTS (
                     SELECT FROM pg_catalog.pg_locks l
                      WHERE l.locktype = 'advisory' AND l.classid::bigint = %2$d AND l.objid::bigint = o.owner
                        AND l.objsubid = 2
                        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))""".formatted(schema, Integer.toUnsignedLong(lockClass()));
    }

    /** Makes the leases of dead processes due at once; should one live all the same, it can still take back what nobody took. */
    private String endLeases() {
        String update = """
                UPDATE %1$s.%2$s m SET attempt_at = %1$s.mq_at_once()
                 WHERE m.ctid = ANY (ARRAY(
                   SELECT s.ctid FROM %1$s.%2$s s WHERE s.lease_owner = ANY (?) AND s.attempt_at >= '1970-01-02 00:00+00'
                      FOR UPDATE SKIP LOCKED)) RETURNING m.channel_name""";
        return "WITH logged AS (" + update.formatted(schema, "mq_msgs") + "), unlogged AS ("
                + update.formatted(schema, "mq_msgs_unlogged")
                + ") SELECT channel_name FROM logged UNION SELECT channel_name FROM unlogged";
    }

    public String schema() {
        return schema;
    }

    private String table(boolean unlogged) {
        return schema + (unlogged ? ".mq_msgs_unlogged" : ".mq_msgs");
    }

    /** No index of lease_owner serves: statistics of a moment without leases would have all be read that the process has. */
    private static final String OF_LEASE =
            " WHERE id = ? AND channel_name = ? AND coalesce(lease_owner, 0) = ? AND lease_token = ?";

    private static final String CHANGED = OF_LEASE + " RETURNING true";

    /** Deletes a message while it is under this lease. */
    public String deleteLeased(boolean unlogged) {
        return "DELETE FROM " + table(unlogged) + CHANGED;
    }

    /** Changes a message while it is under this lease. A body that it shares, or a text, gives way to what it gets. */
    public String checkpointLeased(boolean unlogged) {
        return """
                UPDATE %s m SET payload_json = coalesce(c.json, m.payload_json), payload_bytes = coalesce(c.bytes, m.payload_bytes),
                       payload_text = CASE WHEN c.json IS NULL THEN m.payload_text END,
                       body_type = CASE WHEN c.json IS NULL AND c.bytes IS NULL THEN m.body_type END,
                       max_deliveries = CASE WHEN m.max_deliveries <= 2147483647 - c.extra THEN m.max_deliveries + c.extra
                                             ELSE m.max_deliveries END,
                       redelivery_policy = CASE WHEN c.extra > 0 AND m.redelivery_policy ~ 'maximumRedeliveries=[0-9]'::text
                         THEN pg_catalog.regexp_replace(m.redelivery_policy, 'maximumRedeliveries=[0-9]+'::text,
                                'maximumRedeliveries='::text || least(2147483647::numeric, c.extra::numeric
                                  + pg_catalog.substring(m.redelivery_policy, 'maximumRedeliveries=([0-9]+)'::text)::numeric)::text)
                         ELSE m.redelivery_policy END,
                       properties = CASE WHEN c.properties IS NULL THEN m.properties
                                         ELSE coalesce(m.properties::jsonb, '{}'::jsonb) || c.properties END
                  FROM (SELECT ?::jsonb AS json, ?::bytea AS bytes, ?::integer AS extra, ?::jsonb AS properties) c""".formatted(table(unlogged)) + CHANGED;
    }

    /** Moves the end of this lease on, never back. */
    public String renewLeased(boolean unlogged) {
        return "UPDATE " + table(unlogged)
                + " SET attempt_at = greatest(attempt_at, clock_timestamp() + ?::float8 * interval '1 millisecond')"
                + CHANGED;
    }

    /** The redelivery policy that a message has, while it is under this lease. */
    public String policyLeased(boolean unlogged) {
        return "SELECT CASE WHEN max_deliveries IS NULL THEN redelivery_policy ELSE " + schema
                + ".mq_job_policy(max_deliveries, retry_backoff) END FROM " + table(unlogged) + OF_LEASE;
    }

    /** All that there is of a message, in one text. */
    public String wholeRow(boolean unlogged) {
        return "SELECT m::text FROM " + table(unlogged) + " m WHERE m.id = ? AND m.channel_name = ?";
    }

    /** Writes such a text as the row that it was. */
    public String insertAgain(boolean unlogged) {
        return "INSERT INTO " + table(unlogged) + " SELECT (r.m).* FROM (SELECT ?::" + table(unlogged)
                + " AS m OFFSET 0) r";
    }

    /** Bytes that a message may have to be fetched. */
    public long most() {
        return most;
    }

    public Selection.Columns selectionColumns() {
        return new Selection.Columns(
                "m.properties",
                "m.property_types",
                "(CASE WHEN m.delivery_mode IS NULL THEN " + isLogged() + " ELSE m.delivery_mode = 2::smallint END)",
                "(9 - m.prio_rank)",
                "(CASE WHEN m.message_id = '00000000-0000-0000-0000-000000000000' THEN NULL"
                        + " ELSE 'ID:' || coalesce(m.message_id, m.payload_id, m.id)::text END)",
                "coalesce(m.sent_at, 0)",
                "m.correlation_id",
                "coalesce(m.jms_type, m.name)",
                schema + ".mq_try_json(CASE WHEN m.payload_id IS NULL THEN m.payload_text ELSE coalesce("
                        + "(SELECT p.payload_text FROM " + schema + ".mq_payloads p WHERE p.id = m.payload_id), "
                        + "(SELECT p.payload_text FROM " + schema
                        + ".mq_payloads_unlogged p WHERE p.id = m.payload_id)) END)");
    }

    /** Whether a row {@code m} of either table, or of {@code mq_rows}, is in the logged one. */
    public String isLogged() {
        return "(m.tableoid = '" + schema.replace("'", "''") + ".mq_msgs'::regclass::oid)";
    }

    /** An expression that is null: when it is computed the transaction signs with the parameter. */
    public static String sign(String schema) {
        return "(SELECT NULL::xid8 FROM " + schema + ".mq_signatures s WHERE s.id = ? FOR UPDATE)";
    }

    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static String md5(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has MD5", e);
        }
    }
}
