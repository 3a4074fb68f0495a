CREATE TABLE ${schema}.mended (id int);
