-- The store of the study. A run is here once, however many experiments list it; what another execution of the same run
-- would not repeat is in the table of moments alone. What is finished keeps its results while it is repeated.

CREATE TABLE runs (
    key TEXT PRIMARY KEY CHECK (length(key) = 64),
    state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'diverged', 'interrupted', 'failed', 'stale')),
    configuration TEXT NOT NULL,            -- JSON: the document of a Configuration or of a Rival
    checksum TEXT NOT NULL,                 -- of the data it learns from
    examined TEXT NOT NULL,                 -- fingerprint of the inputs it is examined on
    source_key TEXT NOT NULL,               -- the plan's name, part of the key where the run starts from another
    start TEXT,                             -- key of the run whose hidden layers it starts from
    seed INTEGER NOT NULL,
    threads INTEGER NOT NULL,
    targets TEXT REFERENCES arrays,         -- of the examples it is examined on
    numerics TEXT NOT NULL DEFAULT '',      -- what follows is known when the run is finished
    n_epochs INTEGER NOT NULL DEFAULT 0,
    best_epoch INTEGER NOT NULL DEFAULT 0,
    ending TEXT CHECK (ending IN ('finished', 'stopped early')),
    zeros TEXT,                             -- JSON: one share for each hidden layer
    predictions TEXT REFERENCES arrays,
    versions TEXT NOT NULL DEFAULT '{}',    -- JSON
    error TEXT,
    history TEXT NOT NULL DEFAULT '[]',     -- JSON, as the next; long, so last: SQLite reads a row from its beginning
    pretrain_history TEXT NOT NULL DEFAULT '[]',
    CHECK (state != 'done' OR ending IS NOT NULL),
    CHECK (state NOT IN ('diverged', 'failed') OR error IS NOT NULL)
) STRICT;

CREATE TABLE plans (
    experiment TEXT NOT NULL,
    budget TEXT NOT NULL,
    data TEXT NOT NULL,                     -- '': the experiment's own
    position INTEGER NOT NULL,
    key TEXT NOT NULL REFERENCES runs,
    labels TEXT NOT NULL,                   -- JSON
    PRIMARY KEY (experiment, budget, data, key, labels)
) STRICT, WITHOUT ROWID;

CREATE TABLE moments (
    key TEXT PRIMARY KEY REFERENCES runs,
    attempts INTEGER NOT NULL DEFAULT 0,
    facts TEXT NOT NULL DEFAULT '{}'        -- JSON: seconds, dates, host, notes
) STRICT, WITHOUT ROWID;

CREATE TABLE arrays (
    digest TEXT PRIMARY KEY CHECK (length(digest) = 64),
    content BLOB NOT NULL                   -- an .npz
) STRICT;
