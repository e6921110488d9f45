-- What the list of anchors tells of each, without its document; anchors made before have neither.
ALTER TABLE anchor ADD COLUMN accounts INTEGER;
ALTER TABLE anchor ADD COLUMN hash TEXT;
