-- The side file of a data set: what sorts, counts, facets, searches and completes.
-- The store holds the same facts as RDF; nothing here is known to this file alone but the
-- text of the documents. `user_version` is the version of this layout: the server refuses
-- a file of another.
PRAGMA user_version = 5;

CREATE TABLE volume (
    id TEXT PRIMARY KEY,                -- frus1945Malta
    title TEXT NOT NULL,
    subseries TEXT, number TEXT, published TEXT,
    page TEXT,                          -- the address at which its publisher has it
    documents INTEGER NOT NULL          -- how many are in the graph
) WITHOUT ROWID;

CREATE TABLE division (                 -- compilations, chapters
    volume TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
    head TEXT NOT NULL, parent TEXT,
    PRIMARY KEY (volume, id)
) WITHOUT ROWID;

CREATE TABLE document (
    number INTEGER PRIMARY KEY,         -- in the order of volumes and of print
    id TEXT NOT NULL UNIQUE,            -- frus1945Malta/d256
    volume TEXT NOT NULL, division TEXT,
    form TEXT NOT NULL,                 -- the name of its class: Telegram, Letter, ...
    printed_number TEXT,                -- 256
    head TEXT NOT NULL,
    sender TEXT, recipient TEXT, place TEXT,            -- as printed
    sent TEXT, sent_printed TEXT,       -- EDTF; the words of the source
    earliest TEXT, latest TEXT,         -- ISO days that the date of sending can mean
    received TEXT,                      -- EDTF
    telegram_number TEXT, classification TEXT, precedence TEXT, source TEXT,
    first_page TEXT, last_page TEXT,
    page TEXT,                          -- the address at which its publisher has it
    words INTEGER NOT NULL,
    text TEXT NOT NULL,                 -- offsets of facts and mentions point into this
    layout TEXT NOT NULL                -- JSON: blocks, pages, notes, mentions, references, redactions
);

CREATE TABLE document_agent (           -- role: sender, recipient, participant, signer
    document TEXT NOT NULL, role TEXT NOT NULL, entity TEXT NOT NULL,
    PRIMARY KEY (entity, role, document)
) WITHOUT ROWID;

CREATE TABLE mention (                  -- entities that the editors tagged
    entity TEXT NOT NULL, document TEXT NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (entity, document)
) WITHOUT ROWID;

CREATE TABLE entity (
    id TEXT PRIMARY KEY,                -- person/stalin-joseph
    type TEXT NOT NULL,                 -- person, organization, state, place, position, topic
    label TEXT NOT NULL,
    description TEXT NOT NULL,
    link_state TEXT NOT NULL,           -- linked, none-found, not-searched
    wikidata TEXT,                      -- Q855
    link_exact INTEGER, link_confidence REAL, link_evidence TEXT NOT NULL,
    latitude REAL, longitude REAL,      -- WGS 84, degrees
    represents TEXT, part_of TEXT,
    record TEXT NOT NULL,               -- JSON: what is shown with it, and never searched
    facts INTEGER NOT NULL, documents INTEGER NOT NULL  -- how many name it
) WITHOUT ROWID;

CREATE TABLE name (                     -- every name of an entity, folded for comparison
    folded TEXT NOT NULL, entity TEXT NOT NULL, name TEXT NOT NULL, preferred INTEGER NOT NULL,
    PRIMARY KEY (folded, entity)
) WITHOUT ROWID;

CREATE TABLE fact (
    number INTEGER PRIMARY KEY,         -- in the order of time: undated ones by their document
    id TEXT NOT NULL UNIQUE,            -- frus1945Malta/d256/3f9a2c11
    document TEXT NOT NULL,
    kind TEXT NOT NULL, status TEXT NOT NULL, force TEXT,
    content TEXT NOT NULL,
    quote TEXT NOT NULL, quote_start INTEGER NOT NULL, quote_end INTEGER NOT NULL,
    trigger_words TEXT, trigger_start INTEGER, trigger_end INTEGER,
    support TEXT NOT NULL,              -- JSON: further passages, [[exact, start, end], ...]
    date TEXT, earliest TEXT, latest TEXT,
    location TEXT, condition TEXT, deadline TEXT, quantity TEXT,
    voice TEXT NOT NULL, confidence REAL NOT NULL,
    origin TEXT NOT NULL                -- curation/frus1945Malta/d256 or run/...
);

-- role: actor, addressee, participant, presented_by, reported_by, about, location, acting_state
CREATE TABLE fact_agent (
    fact INTEGER NOT NULL, role TEXT NOT NULL, position INTEGER NOT NULL,
    entity TEXT, printed TEXT NOT NULL,
    PRIMARY KEY (fact, role, position)
) WITHOUT ROWID;

CREATE TABLE response (                 -- facts that respond to earlier ones
    later TEXT NOT NULL, earlier TEXT NOT NULL,         -- ids of facts
    manner TEXT NOT NULL,               -- answer, accept, refuse, repeat, change, fulfil
    confidence REAL NOT NULL,
    asserted INTEGER NOT NULL,          -- 0: a candidate, which the graph does not state
    reason TEXT NOT NULL, origin TEXT NOT NULL,
    PRIMARY KEY (later, earlier)
) WITHOUT ROWID;

-- Who did what to whom: predicate is met (both ways), asked, offered, promised or refused.
CREATE TABLE relation (
    subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL, fact INTEGER NOT NULL,
    PRIMARY KEY (subject, predicate, object, fact)
) WITHOUT ROWID;

-- Telegrams, despatches and airgrams that the text of a document cites.
CREATE TABLE citation (
    document TEXT NOT NULL,             -- the one that cites
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, quote TEXT NOT NULL,
    target TEXT NOT NULL,               -- a document, or the id of one that is only cited
    printed INTEGER NOT NULL,           -- whether it is a document
    voice TEXT NOT NULL,                -- sender, editor: whose words cite it
    editors TEXT,                       -- the document that the editors name behind it
    PRIMARY KEY (document, start, target)
) WITHOUT ROWID;

CREATE TABLE cited (                    -- documents in none of the volumes, known by citations
    id TEXT PRIMARY KEY,                -- cited/vietnam/washington/1850-1964
    label TEXT NOT NULL,
    sender TEXT, recipient TEXT,        -- posts: vietnam, washington
    number TEXT NOT NULL,               -- as documents bear it: 1850, A-299, Secto 12
    sent TEXT                           -- the day, where a citation tells it
) WITHOUT ROWID;

CREATE TABLE thread (                   -- documents that answer each other
    document TEXT PRIMARY KEY,
    root TEXT NOT NULL,                 -- the first document of the thread
    before TEXT,                        -- the one that it answers or follows
    relation TEXT,                      -- answers, follows
    number INTEGER NOT NULL             -- that of the document
) WITHOUT ROWID;

CREATE TABLE numbering (                -- what one post sent to another, in the order of numbers
    document TEXT PRIMARY KEY,
    following TEXT NOT NULL             -- the next one that is printed
) WITHOUT ROWID;

-- Meetings that several documents tell of.
CREATE TABLE encounter (
    id TEXT PRIMARY KEY,                -- encounter/frus1961-63v05/d380/4b1f3f0a: its first account
    label TEXT NOT NULL,
    confidence REAL NOT NULL,
    rules TEXT NOT NULL                 -- by which its accounts were joined: same hour, ...
) WITHOUT ROWID;

CREATE TABLE account (                  -- the facts that tell of each
    fact TEXT PRIMARY KEY,
    encounter TEXT NOT NULL,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE omission (                 -- whom an account leaves out and another of them names
    fact TEXT NOT NULL, entity TEXT NOT NULL,
    PRIMARY KEY (fact, entity)
) WITHOUT ROWID;

CREATE TABLE total (                    -- counts that would be slow to take
    name TEXT PRIMARY KEY, value INTEGER NOT NULL
) WITHOUT ROWID;

-- Indexes: made once all rows are there, which is quicker.

CREATE INDEX document_by_volume ON document (volume, number);
CREATE INDEX document_by_day ON document (earliest, latest, number);
CREATE INDEX document_agent_by_document ON document_agent (document);
CREATE INDEX entity_by_use ON entity (facts DESC, label, id);
CREATE INDEX entity_by_type ON entity (type, facts DESC, label, id);
CREATE INDEX entity_by_item ON entity (wikidata);
CREATE INDEX name_by_entity ON name (entity);
CREATE INDEX fact_by_document ON fact (document, quote_start);
CREATE INDEX fact_by_kind ON fact (kind, number);
CREATE INDEX fact_by_day ON fact (earliest, latest, number);
CREATE INDEX fact_agent_by_entity ON fact_agent (entity, role, fact);
CREATE INDEX response_by_earlier ON response (earlier);
CREATE INDEX citation_by_target ON citation (target, document);
CREATE INDEX numbering_by_following ON numbering (following);
CREATE INDEX account_by_encounter ON account (encounter, position);
CREATE INDEX thread_by_root ON thread (root, number);
CREATE INDEX relation_by_object ON relation (object, predicate, subject, fact);

CREATE VIRTUAL TABLE document_search USING fts5 (
    head, text, content = 'document', content_rowid = 'number',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE fact_search USING fts5 (
    content, quote, content = 'fact', content_rowid = 'number',
    tokenize = 'unicode61 remove_diacritics 2'
);
-- Names by the beginnings of their words; folded as in `name`, so that a word is a token.
CREATE VIRTUAL TABLE name_search USING fts5 (
    folded, entity UNINDEXED, name UNINDEXED, preferred UNINDEXED,
    tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2 3'
);
