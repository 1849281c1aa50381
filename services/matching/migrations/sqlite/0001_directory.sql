-- Offers: public within the mesh, so nothing here is sealed. `domains` are life domains as bits, `changed` is the directory's version at its last change,
-- `number` that at its first: FTS5 wants a number of its own.
CREATE TABLE offer (
    offer_id BLOB NOT NULL,
    organisation TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    number INTEGER NOT NULL,
    retired INTEGER NOT NULL,
    domains INTEGER NOT NULL,
    document BLOB NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (offer_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX offer_changed ON offer (changed);
CREATE UNIQUE INDEX offer_number ON offer (number);

-- Where an offer is for: CBS codes without their first two letters; empty for the whole country.
CREATE TABLE offer_area (
    offer_id BLOB NOT NULL,
    area TEXT NOT NULL,
    PRIMARY KEY (offer_id, area)
) STRICT, WITHOUT ROWID;

-- The version of the directory: grows by one with every change of an offer.
CREATE TABLE directory (
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
INSERT INTO directory (id, version) VALUES (1, 0);

-- The words of offers. PostgreSQL has an index on the column instead; triggers keep the two alike.
CREATE VIRTUAL TABLE offer_words USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'unicode61');
CREATE TRIGGER offer_words_insert AFTER INSERT ON offer BEGIN
    INSERT INTO offer_words (rowid, words) VALUES (new.number, new.words);
END;
CREATE TRIGGER offer_words_update AFTER UPDATE OF words ON offer BEGIN
    DELETE FROM offer_words WHERE rowid = old.number;
    INSERT INTO offer_words (rowid, words) VALUES (new.number, new.words);
END;
