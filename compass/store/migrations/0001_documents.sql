-- Specifications, plans, options, deployments and conversations, found again by their short ids.
CREATE TABLE documents (
    id text PRIMARY KEY,
    kind text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX documents_newest ON documents (kind, created_at DESC);
