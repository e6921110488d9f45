//! Searching the catalogue: words in any form find the service, by their Italian stems.
//!
//! Some dozens of services are searched in memory, equally whatever the database. A word counts most in the name and
//! the keywords, least in the sheet; a service must know at least one word, and the more words it knows the better.

use std::collections::{BTreeMap, BTreeSet};

use model::catalogue::Service;
use model::spelling::folded;
use rust_stemmers::{Algorithm, Stemmer};

/// Weights of the places where a word may stand: name, keywords, summary and area, sheet.
const NAME: u32 = 12;
const KEYWORD: u32 = 12;
const SUMMARY: u32 = 4;
const SHEET: u32 = 1;

/// Words that say nothing about a service.
const STOP: &[&str] = &[
    "a", "ad", "ai", "al", "all", "alla", "alle", "allo", "agli", "anche", "che", "chi", "come", "con",
    "cosa", "da", "dal", "dalla", "dei", "del", "della", "delle", "dello", "di", "e", "ed", "fare", "gli",
    "ho", "i", "il", "in", "io", "l", "la", "le", "lo", "ma", "mi", "mio", "mia", "nel", "nella", "non", "o",
    "per", "piu", "quale", "se", "si", "sono", "su", "sul", "sulla", "the", "tra", "un", "una", "uno",
    "voglio", "vorrei", "d", "un",
];

#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Of each service, in the order of adding: the best weight of each stem.
    services: Vec<BTreeMap<String, u32>>,
}

impl Index {
    pub fn add(&mut self, service: &Service, area: &str) {
        let stemmer = Stemmer::create(Algorithm::Italian);
        let mut stems = BTreeMap::new();
        let sheet = &service.sheet;
        let places = [
            (NAME, service.name.clone()),
            (KEYWORD, service.keywords.join(" ")),
            (SUMMARY, format!("{} {area} {}", service.summary, sheet.topics.join(" "))),
            (
                SHEET,
                [&sheet.addressed, &sheet.how, &sheet.needed, &sheet.obtained].map(String::as_str).join(" "),
            ),
        ];
        for (weight, text) in places {
            for stem in stems_of(&stemmer, &text) {
                let best = stems.entry(stem).or_insert(0);
                *best = weight.max(*best);
            }
        }
        self.services.push(stems);
    }

    /// Positions of the services that contain a word of the query, best first.
    pub fn search(&self, query: &str) -> Vec<usize> {
        let stemmer = Stemmer::create(Algorithm::Italian);
        // A word that is written twice counts once.
        let wanted: BTreeSet<String> = stems_of(&stemmer, query).into_iter().collect();
        let mut scored: Vec<(u32, usize)> = self
            .services
            .iter()
            .enumerate()
            .filter_map(|(position, stems)| {
                let scores: Vec<u32> = wanted.iter().filter_map(|stem| score(stems, stem)).collect();
                let found = u32::try_from(scores.len()).unwrap_or(u32::MAX);
                let total = scores.iter().sum::<u32>().saturating_mul(found);
                (total > 0).then_some((total, position))
            })
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        // A service that mentions a word only once, far behind the best, does not help.
        let best = scored.first().map_or(0, |(score, _)| *score);
        scored
            .into_iter()
            .filter(|(score, _)| score.saturating_mul(12) >= best)
            .map(|(_, position)| position)
            .collect()
    }
}

/// A whole stem counts in full; the beginning of one (three letters at least: somebody is still typing) by half.
fn score(stems: &BTreeMap<String, u32>, wanted: &str) -> Option<u32> {
    if let Some(weight) = stems.get(wanted) {
        return Some(weight * 2);
    }
    if wanted.chars().count() < 3 {
        return None;
    }
    let longer = stems.range(wanted.to_owned()..).take_while(|(stem, _)| stem.starts_with(wanted));
    longer.map(|(_, weight)| *weight).max()
}

fn stems_of(stemmer: &Stemmer, text: &str) -> Vec<String> {
    folded(text)
        .split_whitespace()
        .filter(|word| !STOP.contains(word))
        .map(|word| stemmer.stem(word).into_owned())
        .collect()
}
