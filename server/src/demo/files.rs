//! The files of `server/demo`, in the program itself: it makes the demonstration in any folder.
//!
//! A new file is one line more in the list; a test tells which one was forgotten.

use crate::imports::catalogue::Files;

/// A file of `server/demo`, by its path.
pub fn file(path: &str) -> &'static [u8] {
    let found = FILES.iter().find(|(name, _)| *name == path);
    found.map_or(&[], |(_, text)| text.as_bytes())
}

/// The folder of the catalogue.
pub fn catalogue() -> Files {
    FILES
        .iter()
        .filter_map(|(name, text)| {
            let name = name.strip_prefix("catalogue/")?;
            Some((name.to_owned(), text.as_bytes().to_vec()))
        })
        .collect()
}

macro_rules! files {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../demo/", $name)))),+]
    };
}

const FILES: &[(&str, &str)] = files! {
    "call.toml"
    "comuni.csv"
    "help.toml"
    "history.toml"
    "joined.csv"
    "catalogue/areas.toml"
    "catalogue/packages.toml"
    "catalogue/services/accesso-spid.toml"
    "catalogue/services/adeguamento-sito.toml"
    "catalogue/services/affiancamento-piccoli-comuni.toml"
    "catalogue/services/assistenza-10-ore.toml"
    "catalogue/services/autocertificazioni.toml"
    "catalogue/services/certificati-anagrafici.toml"
    "catalogue/services/denunce-acque-prelevate.toml"
    "catalogue/services/denunce-impianti-termici.toml"
    "catalogue/services/dichiarazione-ici.toml"
    "catalogue/services/dichiarazione-tarsu.toml"
    "catalogue/services/disaster-recovery.toml"
    "catalogue/services/formazione-10-ore.toml"
    "catalogue/services/informazioni-scolastiche.toml"
    "catalogue/services/iscrizione-scuola-primaria.toml"
    "catalogue/services/iscrizione-scuola-secondaria.toml"
    "catalogue/services/modulistica.toml"
    "catalogue/services/nodo-pagamenti.toml"
    "catalogue/services/occupazione-suolo-pubblico.toml"
    "catalogue/services/open-data.toml"
    "catalogue/services/pagamento-contravvenzioni.toml"
    "catalogue/services/pagamento-ici.toml"
    "catalogue/services/pagamento-tarsu.toml"
    "catalogue/services/pagamento-tasse-scolastiche.toml"
    "catalogue/services/piattaforma-sms.toml"
    "catalogue/services/portale-servizi.toml"
    "catalogue/services/sicurezza-informatica.toml"
    "catalogue/services/sito-agid.toml"
    "catalogue/services/sportello-istanze.toml"
    "catalogue/services/supporto-pagopa.toml"
    "catalogue/services/supporto-rtd.toml"
    "catalogue/services/supporto-spid.toml"
    "catalogue/services/wifi-pubblico.toml"
    "catalogue/services/zona-traffico-limitato.toml"
};
