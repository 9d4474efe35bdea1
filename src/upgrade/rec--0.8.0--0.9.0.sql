\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit
