--liquibase formatted sql
--changeset shop:1
CREATE TABLE customers (name text PRIMARY KEY);
