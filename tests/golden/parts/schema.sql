-- Schema «schema»
CREATE SCHEMA IF NOT EXISTS «schema»;

