//! Searching among the other services: the same few lines on the server and in the browser.
//!
//! It knows names and summaries only; the catalogue searches keywords and sheets too.

use model::api::catalogue::ServiceCard;
use model::spelling::folded;

/// Words that say nothing about a service.
const STOP: &[&str] = &[
    "a", "ad", "al", "alla", "alle", "ai", "che", "con", "da", "dal", "dei", "del", "della", "delle", "di",
    "e", "gli", "i", "il", "in", "la", "le", "lo", "nel", "per", "su", "un", "una", "uno",
];

/// Whether a service knows every word that is looked for.
pub fn matches(wanted: &[String], card: &ServiceCard) -> bool {
    let mut service_words = words(&card.name);
    service_words.extend(words(&card.summary));
    service_words.extend(words(&card.area_name));
    wanted.iter().all(|wanted| service_words.iter().any(|word| is_like(wanted, word)))
}

/// The words of a query that say something.
pub fn wanted(query: &str) -> Vec<String> {
    words(query).into_iter().filter(|word| !STOP.contains(&word.as_str())).collect()
}

fn words(text: &str) -> Vec<String> {
    folded(text).split_whitespace().map(str::to_owned).collect()
}

/// The same beginning, the end left free: *multa* and *multe*, *pagare* and *pagamento*.
fn is_like(wanted: &str, word: &str) -> bool {
    let length = wanted.chars().count();
    let needed = if length <= 3 { length } else { (length - 2).max(3) };
    let alike = wanted.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
    alike >= needed
}

#[cfg(test)]
mod tests {
    use model::catalogue::{InteractionLevel, ServiceStatus};

    use super::*;

    fn card(name: &str, summary: &str) -> ServiceCard {
        ServiceCard {
            code: "x".into(),
            name: name.to_owned(),
            summary: summary.to_owned(),
            area: "y".into(),
            area_name: "Polizia locale".to_owned(),
            level: InteractionLevel::Forms,
            price: 1,
            universal: false,
            repeatable: false,
            status: ServiceStatus::Published,
            status_reason: String::new(),
            offer: None,
        }
    }

    #[test]
    fn words_are_found_in_any_form() {
        let fines = card("Pagamento contravvenzioni", "Il cittadino paga on line le multe.");
        for query in ["pagare una multa", "MULTE", "contravvenzione", "paga", "polizia", "città", "  ", "di"]
        {
            assert!(matches(&wanted(query), &fines), "{query}");
        }
        for query in ["scuola", "multa scuola", "mul scu", "passaporto"] {
            assert!(!matches(&wanted(query), &fines), "{query}");
        }
    }

    #[test]
    fn a_short_word_must_begin_the_other() {
        let tax = card("Pagamento ICI", "L'imposta sulla casa.");
        assert!(matches(&wanted("ici"), &tax));
        assert!(!matches(&wanted("ica"), &tax));
    }
}
