package io.sqlmq.integration.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What somebody may leave in {@code public} to have it run by others: an operator for each pair of types, and a function for
 * each list of them, for which PostgreSQL's own catalog has none that fits exactly. A statement that does not find exactly
 * what it means finds these, and may not execute them: it fails wherever they are in it, also where it would not come to
 * evaluate them.
 */
final class Shadows {

    /** How an error names them. */
    static final String NAME = "shadow_";

    private static final String OPERATORS = """
            DO $do$
            DECLARE
              v_types constant regtype[] := '{bool,int2,int4,int8,float8,numeric,text,varchar,bpchar,name,"\\"char\\"",uuid,xid,xid8,
                tid,oid,regclass,jsonb,json,timestamptz,interval,bytea,text[],varchar[],int2[],int4[],int8[],uuid[]}';
              v_names constant text[] := '{=,<>,<,<=,>,>=,+,-,*,/,%,||,->,->>,#>,#>>,?,~,!~,~~,!~~,&,|,<<,>>}';
              v record;
            BEGIN
              FOR v IN
                SELECT l.t AS l, r.t AS r, o.name, CASE WHEN o.name IN ('||', '->>', '#>>') THEN 'text'::regtype
                         WHEN o.name IN ('+', '-', '*', '/', '%', '->', '#>', '&', '|', '<<', '>>') THEN l.t
                         ELSE 'bool' END AS result
                  FROM unnest(v_types) AS l (t), unnest(v_types) AS r (t), unnest(v_names) AS o (name)
                 WHERE NOT EXISTS (SELECT FROM pg_operator p WHERE p.oprname = o.name AND p.oprleft = l.t AND p.oprright = r.t)
              LOOP
                IF to_regprocedure(format('public.shadow_%s(%s,%s)', v.result::oid, v.l, v.r)) IS NULL THEN
                  EXECUTE format('CREATE FUNCTION public.shadow_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS
                    ''BEGIN RAISE ''''shadow_ was run''''; END''', v.result::oid, v.l, v.r, v.result);
                  EXECUTE format('REVOKE EXECUTE ON FUNCTION public.shadow_%s(%s, %s) FROM PUBLIC', v.result::oid, v.l, v.r);
                END IF;
                EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.shadow_%s, LEFTARG = %s, RIGHTARG = %s)',
                               v.name, v.result::oid, v.l, v.r);
              END LOOP;
            END
            $do$""";

    /** A function for each that our statements may call: the same name, other types. */
    private static final String FUNCTIONS = """
            DO $do$
            DECLARE
              v_types constant regtype[] := '{bool,int2,int4,int8,text,varchar,name,uuid,xid,xid8,oid,jsonb,numeric,float8,
                text[],varchar[],int2[],int4[],int8[],uuid[],xid[],tid[],bool[],bytea[]}';
              v record;
            BEGIN
              FOR v IN
                WITH a (names) AS (
                  SELECT format('{%s}', t)::regtype[] FROM unnest(v_types) t
                  UNION ALL SELECT format('{%s,%s}', t, u)::regtype[] FROM unnest(v_types[:14]) t, unnest(v_types[:14]) u
                  UNION ALL SELECT format('{%s,%s,%s}', t, u, w)::regtype[]
                    FROM unnest('{text,varchar,name,int4}'::regtype[]) t, unnest('{text,varchar,name,int4,int8}'::regtype[]) u,
                         unnest('{text,varchar,name,int4,int8,bool}'::regtype[]) w)
                SELECT DISTINCT p.proname, a.names, p.prokind
                  FROM pg_proc p, LATERAL (SELECT DISTINCT b.names FROM a b
                         WHERE cardinality(b.names) = p.pronargs OR p.provariadic <> 0 AND cardinality(b.names) >= p.pronargs) a
                 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.pronargs BETWEEN 1 AND 3
                   AND p.proname IN ('set_config', 'current_setting', 'unnest', 'split_part', 'nextval', 'age', 'pg_notify',
                     'starts_with', 'substr', 'strpos', 'replace', 'left', 'octet_length', 'hashtextextended', 'jsonb_typeof',
                     'abs', 'div', 'concat_ws', 'array_agg', 'count', 'max', 'min', 'generate_series', 'pg_advisory_unlock',
                     'pg_try_advisory_lock', 'pg_advisory_xact_lock', 'pg_xact_status', 'to_timestamp', 'format', 'md5',
                     'pg_get_functiondef', 'regexp_matches', 'has_schema_privilege', 'has_database_privilege', 'cardinality',
                     'array_position', 'string_agg', 'power', 'trunc', 'float8', 'numeric', 'lower', 'upper', 'length',
                     'sum', 'bool_or', 'array_length', 'row_to_json', 'to_jsonb', 'regexp_split_to_table', 'has_table_privilege')
                   AND NOT EXISTS (SELECT FROM pg_proc q WHERE q.proname = p.proname
                                      AND q.pronamespace = p.pronamespace AND q.proargtypes::oid[] = a.names::oid[])
                   AND (p.prokind = 'f' OR p.prokind = 'a' AND cardinality(a.names) = 1 AND a.names[1]::text NOT LIKE '%[]')
              LOOP
                IF v.prokind = 'a' THEN
                  EXECUTE format('CREATE AGGREGATE public.%I(%s) (SFUNC = array_append, STYPE = %s)',
                                 v.proname, v.names[1], v.names[1] || '[]');
                ELSE
                  EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS
                    ''BEGIN RAISE ''''shadow_ was run''''; END''', v.proname, array_to_string(v.names, ','),
                    CASE WHEN v.proname IN ('unnest', 'generate_series') THEN 'SETOF text' ELSE 'text' END);
                END IF;
                EXECUTE format('REVOKE EXECUTE ON ROUTINE public.%I(%s) FROM PUBLIC',
                               v.proname, array_to_string(v.names, ','));
              END LOOP;
            END
            $do$""";

    private Shadows() {}

    static void cast(Connection connection, String schema) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = pg_catalog");
            statement.execute(OPERATORS.replace("public.", schema + "."));
            statement.execute(FUNCTIONS.replace("public.", schema + "."));
            statement.execute("RESET search_path");
        }
    }
}
