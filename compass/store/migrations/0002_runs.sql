-- Benchmark runs of every evidence kind; latencies in ms. A run is the same run when its natural key is the same.
CREATE TABLE sources (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    evidence text NOT NULL CHECK (evidence IN ('measured', 'simulated', 'estimated')),
    state text NOT NULL DEFAULT 'used' CHECK (state IN ('used', 'pinned', 'excluded')),
    content_hash text,
    loaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id bigint NOT NULL REFERENCES sources ON DELETE CASCADE,
    natural_key text NOT NULL,
    label text NOT NULL,
    model text NOT NULL,
    gpu text NOT NULL,
    precision text NOT NULL,
    engine_version text NOT NULL DEFAULT '',
    gpus int NOT NULL CHECK (gpus > 0),
    tensor_parallel int NOT NULL CHECK (tensor_parallel > 0),
    data_parallel int NOT NULL DEFAULT 1,
    expert_parallel int NOT NULL DEFAULT 1,
    prompt_tokens double precision NOT NULL CHECK (prompt_tokens > 0),
    output_tokens double precision NOT NULL CHECK (output_tokens > 0),
    concurrency double precision,
    request_rate double precision,
    ttft_ms double precision,
    itl_ms double precision,
    e2e_ms double precision,
    percentiles jsonb,
    measured text NOT NULL DEFAULT '',
    flags text[] NOT NULL DEFAULT '{}',
    UNIQUE (source_id, natural_key)
);
CREATE INDEX runs_by_configuration ON runs (model, gpu, tensor_parallel);
