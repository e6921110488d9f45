//! Everything that reads what others wrote, by one name each, with something well written to begin from.
//!
//! The stories give each of them what is half broken; the fuzzer in `server/fuzz` takes the same list. A reader may
//! refuse whatever it likes: it must not panic, and what it took must come back as it was.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use model::api::baskets::BasketView;
use model::api::credits::Ledger;
use model::api::{Notice, Operation, Problem, decode, destination, encode, of_ours};
use model::calendar::{Day, Instant, add_working_days, working_days_between};
use model::catalogue::Service;
use model::ledger::Anchor;
use serde_json::{Value, json};
use server::commands::verify::judge;
use server::demo::files;
use server::http::cookies::Cookie;
use server::http::layers::is_same_site;
use server::http::operation::decoded;
use server::http::session::language;
use server::imports::comuni::Census;
use server::imports::{aggregator, call, catalogue, comuni, joined};
use server::settings::Settings;
use store::Index;
use store::hashing::chained;
use url::Url;

pub struct Reader {
    pub name: &'static str,
    pub read: fn(&[u8]),
    /// What it reads well, or nearly.
    pub samples: fn() -> Vec<Vec<u8>>,
}

pub static ALL: [Reader; 15] = [
    Reader { name: "json", read: json_operation, samples: json_samples },
    Reader { name: "form", read: form_operation, samples: form_samples },
    Reader { name: "query", read: query_operation, samples: form_samples },
    Reader { name: "cookies", read: cookies, samples: cookie_samples },
    Reader { name: "comuni", read: read_comuni, samples: || beginning("comuni.csv") },
    Reader { name: "joined", read: read_joined, samples: || beginning("joined.csv") },
    Reader { name: "catalogue", read: read_catalogue, samples: catalogue_samples },
    Reader { name: "call", read: read_call, samples: || whole("call.toml") },
    Reader { name: "aggregator", read: read_aggregator, samples: || whole("help.toml") },
    Reader { name: "search", read: search, samples: search_samples },
    Reader { name: "ledger", read: ledger, samples: ledger_samples },
    Reader { name: "calendar", read: calendar, samples: calendar_samples },
    Reader { name: "headers", read: headers, samples: header_samples },
    Reader { name: "redirects", read: redirects, samples: redirect_samples },
    Reader { name: "settings", read: settings, samples: setting_samples },
];

fn texts(samples: &[&str]) -> Vec<Vec<u8>> {
    samples.iter().map(|text| text.as_bytes().to_vec()).collect()
}

// --- operations ---

type Decode = fn(&str, Option<&str>, &HeaderMap, &Bytes);

/// Every operation of the API.
static OPERATIONS: LazyLock<Vec<Decode>> = LazyLock::new(|| {
    macro_rules! each {
        (handlers: [$($handler:ty),+], sessions: [$($session:ty),+]) => {
            vec![$(decode_one::<$handler> as Decode),+, $(decode_one::<$session> as Decode),+]
        };
    }
    server::operations!(each)
});

fn decode_one<O: Operation>(named: &str, query: Option<&str>, headers: &HeaderMap, body: &Bytes) {
    let parts = O::PATH.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let path: BTreeMap<String, String> = parts.map(|name| (name.to_owned(), named.to_owned())).collect();
    let Ok(operation) = decoded::<O>(&path, query, headers, body) else {
        return;
    };
    let fields = serde_json::to_value(&operation).expect("what was read can be written");
    let again: O = serde_json::from_value(fields.clone()).expect("and read again");
    assert_eq!(serde_json::to_value(again).expect("and written"), fields, "{}", O::PATH);
    let _ = encode(&operation);
}

/// Which operation, what its path names, and the rest.
fn aimed(bytes: &[u8]) -> Option<(Decode, String, &[u8])> {
    let (which, rest) = bytes.split_first()?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let operation = OPERATIONS[usize::from(*which) % OPERATIONS.len()];
    Some((operation, String::from_utf8_lossy(&rest[..end]).into_owned(), &rest[end + 1..]))
}

fn sent(bytes: &[u8], kind: &'static str) {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some((operation, named, body)) = aimed(bytes) {
        operation(&named, None, &headers, &Bytes::copy_from_slice(body));
    }
}

fn json_operation(bytes: &[u8]) {
    sent(bytes, "application/json");
    // The client's own reader, of the same text.
    let text = String::from_utf8_lossy(bytes);
    let _: Option<Problem> = decode(&text);
    let _: Option<BasketView> = decode(&text);
    let _: Option<Notice> = decode(&text);
}

fn form_operation(bytes: &[u8]) {
    sent(bytes, "application/x-www-form-urlencoded");
}

fn query_operation(bytes: &[u8]) {
    if let Some((operation, named, query)) = aimed(bytes) {
        operation(&named, Some(&String::from_utf8_lossy(query)), &HeaderMap::new(), &Bytes::new());
    }
}

/// The same body for each operation: what is not known to one is refused, what is known is read.
fn for_each_operation(body: &str) -> Vec<Vec<u8>> {
    (0_u8..)
        .zip(OPERATIONS.iter())
        .map(|(which, _)| [&[which][..], b"1\n", body.as_bytes()].concat())
        .collect()
}

fn json_samples() -> Vec<Vec<u8>> {
    [
        json!({ "version": 1, "reason": "Per prova", "take_along": true }),
        json!({ "change": "add", "service": "sms" }),
        json!({ "credits": -5, "reason": "Conteggio", "until": "2026-06-30" }),
        json!({ "email": "a@example.org", "password": "una-frase-lunga", "person": 1 }),
        json!({ "code": "conflict", "changes": [{ "change": "add", "service": { "code": "sms" } }] }),
        json!({
            "title": "Avviso", "opens": "2026-01-01T00:00:00Z", "closes": "2026-06-30T21:59:59Z",
            "minimum": 1, "maximum": 3, "authorisation": { "above": 5 }, "leftovers": "expire",
            "correction_threshold": 10, "band": [{ "from": 0, "package": "base", "credits": 10 }],
            "modifier": [{ "variable": "mountain", "is": "yes", "credits": -1, "adds": ["sms"], "reason": "x" }],
        }),
    ]
    .iter()
    .flat_map(|body| for_each_operation(&body.to_string()))
    .collect()
}

fn form_samples() -> Vec<Vec<u8>> {
    [
        "version=1&reason=Pi%C3%B9+servizi&take_along=true&_key=una-chiave&_then=%2Fpratiche%2F%7Bid%7D",
        "change=add&service=sms&_from=/",
        "credits=-5&reason=x&until=2026-06-30",
        "q=multe+stradali&area=tributi&level=3&state=in_review&whose=mine&page=after.0.2026-02-28.1234&order=name",
    ]
    .iter()
    .flat_map(|body| for_each_operation(body))
    .collect()
}

// --- cookies ---

fn cookies(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::COOKIE, value);
        }
    }
    for cookie in [Cookie::Session, Cookie::Notice, Cookie::Language, Cookie::Device] {
        for secure in [true, false] {
            let values = cookie.values(&headers, secure);
            assert!(values.iter().all(|value| !value.contains(';')), "one cookie is not two");
        }
    }
}

fn cookie_samples() -> Vec<Vec<u8>> {
    texts(&["lang=en; session=abc; notice=1.2.3", "__Host-session=a=b; ;=; session\nsession=; lang"])
}

// --- headers and addresses ---

/// Each line a header, then one operation that comes with them.
fn headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..at]);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&line[at + 1..])) {
            headers.append(name, value);
        }
    }
    let _ = (is_same_site(&headers, true), language(&headers, true));
    let which = headers.len() + bytes.len();
    OPERATIONS[which % OPERATIONS.len()]("1", None, &headers, &Bytes::copy_from_slice(bytes));
}

fn header_samples() -> Vec<Vec<u8>> {
    texts(&[
        "host:servizi.example.org\norigin:https://servizi.example.org\nsec-fetch-site:same-origin",
        "content-type:application/json; charset=utf-8\naccept:text/html;q=0.8\nidempotency-key:una-chiave",
        "origin:null\nhost:[::1]:3000\ncookie:__Host-lang=en",
    ])
}

/// Wherever somebody asks to be led afterwards: a browser that follows stays on the site.
fn redirects(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let page = Url::parse("https://servizi.example.org/comuni/1").expect("a page");
    let paths = [of_ours(&text).map(str::to_owned), destination(&text, &mut serde_json::Map::new())];
    for path in paths.into_iter().flatten() {
        if let Ok(led) = page.join(&path) {
            assert_eq!(led.origin(), page.origin(), "{text:?} leads to {led}");
        }
    }
}

fn redirect_samples() -> Vec<Vec<u8>> {
    texts(&[
        "/comuni/1?q=a#b",
        "//altrove.example.org",
        "/\\altrove.example.org",
        "/\t/altrove.example.org",
        "/{id}/x",
    ])
}

/// Each line a setting.
fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let set: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let Ok(settings) = Settings::read(|name| set.get(name).map(|value| (*value).to_owned())) else { return };
    let database = settings.address_of_database();
    let _ = (settings.secure(), database.refuse_passing(), database.refuse_absent());
}

fn setting_samples() -> Vec<Vec<u8>> {
    texts(&[
        "PORT=3000\nPUBLIC_URL=https://servizi.example.org\nDATABASE_URL=sqlite:data/comunanza.db?mode=rwc",
        "LEPTOS_SITE_ADDR=[::1]:3000\nDEMO=1\nLOG_FORMAT=json\nMETRICS_ADDR=127.0.0.1:9464\nBACKUP_KEEP=14",
        "DATABASE_URL=postgres://comunanza:p%40ss@db.example.org:5432/comunanza?sslmode=verify-full",
    ])
}

// --- files ---

/// The first lines, which are enough.
fn beginning(file: &str) -> Vec<Vec<u8>> {
    let lines: Vec<_> = files::file(file).split_inclusive(|byte| *byte == b'\n').take(6).collect();
    vec![lines.concat()]
}

fn whole(file: &str) -> Vec<Vec<u8>> {
    vec![files::file(file).to_vec()]
}

fn read_comuni(bytes: &[u8]) {
    let _ = comuni::read("comuni.csv", bytes, &Census { year: None, source: String::new() });
}

fn read_joined(bytes: &[u8]) {
    let _ = joined::read("joined.csv", bytes);
}

/// One file of the demonstration's catalogue in the place of its own.
fn read_catalogue(bytes: &[u8]) {
    let Some((which, text)) = bytes.split_first() else { return };
    let mut files = files::catalogue();
    let name = files.keys().nth(usize::from(*which) % files.len()).cloned().expect("one of them");
    files.insert(name, text.to_vec());
    let _ = catalogue::read(&files);
}

fn catalogue_samples() -> Vec<Vec<u8>> {
    let files = files::catalogue();
    (0_u8..).zip(files.values()).map(|(which, text)| [&[which], text.as_slice()].concat()).collect()
}

fn read_call(bytes: &[u8]) {
    let _ = call::read("call.toml", bytes);
}

fn read_aggregator(bytes: &[u8]) {
    if let Ok(profile) = aggregator::read("help.toml", bytes) {
        let _ = aggregator::faults(&profile);
    }
}

// --- words ---

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let catalogue = catalogue::read(&files::catalogue()).expect("the demonstration's is sound");
    catalogue.services.into_values().collect()
});

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    for service in SERVICES.iter() {
        index.add(service, "area");
    }
    index
});

fn search(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = INDEX.search(&text);
    assert!(found.iter().all(|position| *position < SERVICES.len()));
    let mut service = SERVICES[0].clone();
    service.name = text.clone().into_owned();
    let mut index = Index::default();
    index.add(&service, &text);
    let _ = index.search(&text);
}

fn search_samples() -> Vec<Vec<u8>> {
    texts(&["pagare la multa", "iscrizione scuola", "PagoPA città perché", "ﬁ İ ß \u{301}a"])
}

// --- ledger ---

/// A copy, as it comes and as somebody would make it up: with numbers and hashes that follow from one another.
fn ledger(bytes: &[u8]) {
    let anchors: Vec<Anchor> = serde_json::from_slice(bytes).into_iter().collect();
    let Ok(mut ledger) = serde_json::from_slice::<Ledger>(bytes) else {
        return;
    };
    let _ = judge(&ledger, &anchors);
    for book in &mut ledger.books {
        let mut before = String::new();
        for (due, recorded) in (1..).zip(&mut book.entries) {
            recorded.sequence = due;
            recorded.entry.account = book.account;
            recorded.hash = chained(&before, due, &recorded.entry);
            before.clone_from(&recorded.hash);
        }
        book.last_hash = before;
    }
    let tip = |account| json!({ "account": account, "sequence": i64::MIN, "hash": "" });
    let tips: Vec<Value> = ledger.books.iter().map(|book| tip(book.account)).collect();
    let day = Day(20_000);
    let made_up = json!({ "aggregator": ledger.aggregator, "day": day, "at": ledger.at, "tips": tips });
    let anchor: Anchor = serde_json::from_value(made_up).expect("an anchor");
    let _ = judge(&ledger, &[]);
    let _ = judge(&ledger, &[anchor]);
}

fn ledger_samples() -> Vec<Vec<u8>> {
    let entry = |id: i64, kind: &str, amount: i64| {
        json!({
            "id": id, "sequence": id, "account": 1, "kind": kind, "amount": amount, "at": "2026-03-02T09:00:00Z",
            "actor": 1, "reason": "Per prova", "service": "sms", "request": 1, "submission": 1, "settles": null,
            "hash": "",
        })
    };
    let copy = |entries: Vec<Value>| {
        json!({
            "aggregator": "Provincia di Como", "body": { "id": 1, "name": "Bellagio", "title": "Comune" },
            "at": "2026-03-02T10:00:00Z",
            "books": [{
                "account": 1, "body": 1, "call": 1, "numbers": { "granted": 9, "held": 0, "spent": 0 },
                "sequence": entries.len(), "last_hash": "", "entries": entries,
            }],
        })
    };
    let far = [i64::MIN, i64::MAX, -1, 9];
    let kinds = ["grant", "reduce", "renounce", "hold", "correct", "expire", "spend", "reinstate"];
    let mut samples = Vec::new();
    for first in far {
        for kind in kinds {
            let entries =
                vec![entry(1, "grant", first), entry(2, kind, first), entry(3, "correct", i64::MAX)];
            samples.push(copy(entries).to_string().into_bytes());
        }
    }
    samples
}

// --- time ---

fn calendar(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(day) = Day::parse(&text) {
        assert_eq!(day.to_string(), text, "a day is written in one way");
    }
    if let Some(instant) = Instant::parse(&text) {
        assert_eq!(Instant::parse(&instant.to_string()), Some(instant));
    }
    let Some((head, _)) = bytes.split_at_checked(12) else { return };
    let days = i32::from_le_bytes(head[..4].try_into().expect("four"));
    let millis = i64::from_le_bytes(head[4..].try_into().expect("eight"));
    let (day, instant) = (Day(days), Instant(millis));
    let _ = (day.ymd(), day.weekday(), day.is_holiday(), instant.civil_in_rome());
    let _ = (instant.plus_seconds(millis), instant.minus(Instant(!millis)));
    let _ = Instant::from_rome(day, head[0], head[1], head[2]);
    let near = day.plus(i32::from(head[4]));
    assert!(working_days_between(day, near) <= i32::from(head[4]));
    let _ = add_working_days(day, u32::from(head[5]));
}

fn calendar_samples() -> Vec<Vec<u8>> {
    texts(&[
        "2026-11-28",
        "2024-02-29",
        "2026-11-22T10:42:00Z",
        "9999-12-31T23:59:59.999+01:00",
        "2026-03-29T02:30:00",
    ])
}
