-- Offers: public within the mesh, so nothing here is sealed. `domains` are life domains as bits, `changed` is the directory's version at its last change,
-- `number` that at its first: FTS5 wants a number of its own.
CREATE TABLE offer (
    offer_id BYTEA NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    number BIGINT NOT NULL,
    retired BOOLEAN NOT NULL,
    domains BIGINT NOT NULL,
    document BYTEA NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (offer_id)
);
CREATE UNIQUE INDEX offer_changed ON offer (changed);
CREATE UNIQUE INDEX offer_number ON offer (number);

-- Where an offer is for: CBS codes without their first two letters; empty for the whole country.
CREATE TABLE offer_area (
    offer_id BYTEA NOT NULL,
    area TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (offer_id, area)
);

-- The version of the directory: grows by one with every change of an offer.
CREATE TABLE directory (
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id)
);
INSERT INTO directory (id, version) VALUES (1, 0);

-- The words of offers, which SQLite keeps in a table of FTS5.
CREATE INDEX offer_words ON offer USING gin (to_tsvector('simple', words));
