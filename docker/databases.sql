-- A database for each service and an account that owns it, and nothing else: the server runs this
-- when it is new. Run it again for new passwords, or for a server that is older than the accounts:
-- docker compose exec postgres psql -U postgres -f /docker-entrypoint-initdb.d/databases.sql
\set ON_ERROR_STOP on
\getenv quotes_password QUOTES_DATABASE_PASSWORD
\getenv likes_password LIKES_DATABASE_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', name) FROM (VALUES ('quotes'), ('likes')) AS account(name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE quotes PASSWORD :'quotes_password';
ALTER ROLE likes PASSWORD :'likes_password';

SELECT format('CREATE DATABASE %I', name) FROM (VALUES ('quotes'), ('likes')) AS database(name)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
ALTER DATABASE quotes OWNER TO quotes;
ALTER DATABASE likes OWNER TO likes;
REVOKE ALL ON DATABASE quotes, likes FROM PUBLIC;

\connect quotes
ALTER SCHEMA public OWNER TO quotes;
SELECT format('ALTER TABLE public.%I OWNER TO quotes', tablename) FROM pg_tables
WHERE schemaname = 'public' AND tableowner = 'postgres' \gexec
SELECT format('ALTER FUNCTION %s OWNER TO quotes', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') \gexec

\connect likes
ALTER SCHEMA public OWNER TO likes;
SELECT format('ALTER TABLE public.%I OWNER TO likes', tablename) FROM pg_tables
WHERE schemaname = 'public' AND tableowner = 'postgres' \gexec
SELECT format('ALTER FUNCTION %s OWNER TO likes', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') \gexec
