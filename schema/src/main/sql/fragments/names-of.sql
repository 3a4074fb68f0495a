{{name}} (channel) AS (
      (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.{{table}} m WHERE m.attempt_at IS {{waits}} AND m.slot IS {{slot}}
        ORDER BY m.channel_name LIMIT 1)
      UNION ALL
      SELECT (SELECT m.channel_name::text COLLATE "C" FROM ${schema}.{{table}} m
               WHERE m.attempt_at IS {{waits}} AND m.slot IS {{slot}} AND m.channel_name > l.channel ORDER BY m.channel_name LIMIT 1)
        FROM {{name}} l WHERE l.channel IS NOT NULL)
