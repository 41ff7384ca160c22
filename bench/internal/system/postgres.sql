-- The event store of https://github.com/message-db/message-db, cut down to what
-- the benchmark does: one row an event, one function an append, the version of
-- the stream checked under an advisory lock. Data is bytea, not jsonb, because
-- the other systems give back the very bytes too.
CREATE TABLE IF NOT EXISTS messages (
  global_position bigserial PRIMARY KEY,
  position        bigint      NOT NULL,
  time            timestamptz NOT NULL DEFAULT now(),
  stream_name     text        NOT NULL,
  type            text        NOT NULL,
  data            bytea,
  metadata        bytea,
  id              uuid        NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS messages_id ON messages (id);
CREATE UNIQUE INDEX IF NOT EXISTS messages_stream ON messages (stream_name, position);

CREATE OR REPLACE FUNCTION check_version(_stream text, _expected bigint) RETURNS bigint AS $$
DECLARE _version bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(_stream, 0));
  SELECT coalesce(max(position), -1) INTO _version FROM messages WHERE stream_name = _stream;
  IF _expected != _version THEN
    RAISE EXCEPTION 'Wrong expected version: % (Stream: %, Stream Version: %)', _expected, _stream, _version
      USING ERRCODE = 'CB001';
  END IF;
  RETURN _version;
END $$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION write_message(_id uuid, _stream text, _type text, _data bytea, _metadata bytea, _expected bigint) RETURNS bigint AS $$
DECLARE _position bigint;
BEGIN
  _position := check_version(_stream, _expected) + 1;
  INSERT INTO messages (id, stream_name, position, type, data, metadata)
    VALUES (_id, _stream, _position, _type, _data, _metadata);
  RETURN _position;
END $$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION write_messages(_ids uuid[], _stream text, _types text[], _data bytea[], _metadata bytea[], _expected bigint) RETURNS bigint AS $$
DECLARE _version bigint;
BEGIN
  _version := check_version(_stream, _expected);
  INSERT INTO messages (id, stream_name, position, type, data, metadata)
    SELECT i, _stream, _version + n, t, d, m
    FROM unnest(_ids, _types, _data, _metadata) WITH ORDINALITY AS u(i, t, d, m, n);
  RETURN _version + array_length(_ids, 1);
END $$ LANGUAGE plpgsql;
