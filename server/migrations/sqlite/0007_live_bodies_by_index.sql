-- For how many bodies a service is live, as its sheet says.
CREATE INDEX request_live_of ON request (aggregator, service, body) WHERE state = 'live';
