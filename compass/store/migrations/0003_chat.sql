-- The list of conversations of who is logged in, and what the page showed in them.
CREATE TABLE chat_threads (
    id text PRIMARY KEY,
    owner text NOT NULL DEFAULT '',
    name text,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chat_threads_newest ON chat_threads (owner, created_at DESC);
-- A part is a message, a tool call or a card. A part may arrive before its thread does.
CREATE TABLE chat_parts (
    id text PRIMARY KEY,
    thread_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('step', 'element')),
    place bigint GENERATED ALWAYS AS IDENTITY,
    body jsonb NOT NULL
);
CREATE INDEX chat_parts_of_thread ON chat_parts (thread_id);
