ALTER TABLE ${schema}.mended ADD more text;
