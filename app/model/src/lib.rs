//! The words and rules of the marketplace, shared by the browser and the server.
//!
//! No Leptos, no SQL, no clock, no chance: everything that a rule depends on is given to it. The words of the code
//! and their Italian names, as the screens write them:
//!
//! | code | Italian | meaning |
//! |---|---|---|
//! | Aggregator | *ente aggregatore* | who publishes the catalogue and gives packages and credits |
//! | Body | *ente* | a municipality (*Comune*) or a Union; it holds account, basket and submissions |
//! | Joined | *aderente* | the body signed the agreement and takes part |
//! | Officer, Mayor | *referente*, *sindaco* | who prepares and who authorises for a body |
//! | Operator, Facilitator, Administrator, Observer | *operatore*, *facilitatore*, *amministratore*, *osservatore* | who works for, or looks at, the aggregator |
//! | Area, Service, Sheet | *area tematica*, *servizio*, *scheda* | the catalogue |
//! | Package, Value | *pacchetto standard*, *valore* | what is given, and what comes back when an item is dropped |
//! | Call | *avviso* | the window in which credits are spent |
//! | Extension | *proroga* | a later closing instant for one body |
//! | Rule, Band, Modifier | *regola di assegnazione*, *fascia*, *correttivo* | which package and credits, and why |
//! | Basket, Choice | *composizione del pacchetto* | what a body prepares |
//! | Submission, number | *pratica*, *numero di pratica* | a basket that was sent |
//! | Request | *richiesta* | one service on its way to being live |
//! | Milestone | *tappa* | a step of the activation |
//! | Reminder | *sollecito* | the body asks why it is late |
//! | Proposal | *proposta* | what moves credits above the threshold and waits for a second administrator |
//! | Account, Entry | *conto crediti*, *movimento* | the ledger |
//! | granted, held, spent, available | *assegnati, prenotati, spesi, disponibili* | its four numbers |

pub mod access;
pub mod api;
pub mod assignment;
pub mod basket;
pub mod calendar;
pub mod calls;
pub mod catalogue;
pub mod causes;
pub mod clock;
pub mod credits;
pub mod ids;
pub mod ledger;
pub mod people;
pub mod proposals;
pub mod refusals;
pub mod requests;
pub mod seen;
pub mod spelling;
pub mod territory;
