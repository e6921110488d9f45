//! Callers who spend without pause, one credit a key, and ask again with the same key until they are heard; and the
//! count of what the ledger says they spent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use handlers::context::Identity;
use handlers::marketplace::Marketplace;
use model::api::calls::ProposeCorrection;
use model::ids::{AggregatorId, BodyId};
use model::people::Role;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Heard, Line, now};
use crate::test_app::{OURS, TestApp, TestDatabase};

/// Who spends at once.
pub const CALLERS: usize = 8;
/// How long a caller asks again before it is a failure.
const PATIENCE: Duration = Duration::from_mins(1);
const FUNDS: i64 = 10_000;

/// Bodies with plenty to spend, and who may do it.
#[derive(Clone, Debug)]
pub struct Purse {
    pub tenant: AggregatorId,
    pub host: String,
    pub administrator: Identity,
    /// As a browser sends it.
    pub cookie: String,
    bodies: Vec<BodyId>,
    /// A body that has what the rule gave it, and how much that is.
    pub little: (BodyId, i64),
}

impl Purse {
    pub async fn filled(app: &TestApp) -> Self {
        let administrator = app.administrator();
        app.trust_one_person().await;
        let mut bodies = Vec::new();
        for name in ["Bellagio", "Brunate", "Como", "Cernobbio"] {
            app.fund(name, FUNDS).await;
            bodies.push(app.body(name));
        }
        let person = app.holder(OURS, Role::Administrator, "").person.expect("somebody");
        Self {
            tenant: app.tenant(OURS).id,
            host: app.tenant(OURS).host.clone(),
            administrator: Identity::Person(person),
            cookie: administrator.cookies.expect("a session"),
            bodies,
            little: (app.body("Carate Urio"), app.account("Carate Urio").await.granted),
        }
    }

    /// One credit less: the key is the reason, so that the ledger tells which were done, and how often.
    pub fn spend(&self, caller: usize, key: &str) -> ProposeCorrection {
        let body = self.bodies[caller % self.bodies.len()];
        ProposeCorrection::by(body, -1, key.to_owned())
    }
}

/// How far the callers have come.
#[derive(Clone, Copy, Debug)]
struct Progress {
    acknowledged: usize,
    /// When the last that was acknowledged had been asked for.
    asked: Instant,
}

/// Callers at work.
pub struct Load {
    stop: watch::Sender<bool>,
    progress: watch::Receiver<Progress>,
    heard: Arc<Mutex<Heard>>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Asks by `ask(caller, key)`, which says whether it was acknowledged.
    pub fn begin<A, F>(ask: A) -> Self
    where
        A: Fn(usize, String) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = bool> + Send,
    {
        let (stop, stopped) = watch::channel(false);
        let (telling, progress) = watch::channel(Progress { acknowledged: 0, asked: now() });
        let heard = Arc::<Mutex<Heard>>::default();
        let telling = Arc::new(telling);
        let callers = (0..CALLERS).map(|caller| {
            let (ask, stopped) = (ask.clone(), stopped.clone());
            let (heard, telling) = (Arc::clone(&heard), Arc::clone(&telling));
            tokio::spawn(async move {
                for number in 0_u32.. {
                    if *stopped.borrow() {
                        return;
                    }
                    let key = format!("spend-{caller}-{number:06}");
                    let (asked, errors) = until_heard(&ask, caller, &key).await;
                    let mut heard = heard.lock().expect("nobody panics");
                    heard.keys.insert(key);
                    heard.errors += errors;
                    telling.send_modify(|told| {
                        *told = Progress { acknowledged: heard.keys.len(), asked: told.asked.max(asked) };
                    });
                }
            })
        });
        let callers = callers.collect();
        Self { stop, progress, heard, callers }
    }

    /// Over the marketplace of this process.
    pub fn on(marketplace: &Marketplace, purse: &Purse) -> Self {
        let (marketplace, purse) = (marketplace.clone(), purse.clone());
        Self::begin(move |caller, key| {
            let (marketplace, purse) = (marketplace.clone(), purse.clone());
            async move {
                let spend = purse.spend(caller, &key);
                marketplace.execute(purse.tenant, purse.administrator, Some(key), spend).await.is_ok()
            }
        })
    }

    /// Waits until so many more were acknowledged.
    pub async fn more(&self, count: usize) {
        let mut progress = self.progress.clone();
        let enough = progress.borrow().acknowledged + count;
        let reached = progress.wait_for(|now| now.acknowledged >= enough);
        tokio::time::timeout(PATIENCE, reached).await.expect("it goes on").expect("callers are at work");
    }

    /// Waits until something was acknowledged that was asked for after this.
    pub async fn recovered(&self, since: Instant) {
        let mut progress = self.progress.clone();
        let again = progress.wait_for(|now| now.asked > since);
        tokio::time::timeout(PATIENCE, again).await.expect("it recovers").expect("callers are at work");
    }

    /// Lets each caller finish what it began.
    pub async fn end(self) -> Heard {
        self.stop.send_replace(true);
        for caller in self.callers {
            caller.await.expect("every caller is heard");
        }
        std::mem::take(&mut *self.heard.lock().expect("nobody panics"))
    }
}

/// Asks until it is acknowledged; answers when that try began, and how many failed before.
async fn until_heard<A, F>(ask: &A, caller: usize, key: &str) -> (Instant, usize)
where
    A: Fn(usize, String) -> F,
    F: Future<Output = bool>,
{
    let first = now();
    for errors in 0.. {
        let asked = now();
        if ask(caller, key.to_owned()).await {
            return (asked, errors);
        }
        assert!(first.elapsed() < PATIENCE, "{key} was never heard");
        // As a client does that was told to come again.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unreachable!("a number follows every number")
}

impl Line {
    /// Compares what was heard with what the ledger says.
    pub async fn count(&mut self, database: &TestDatabase, heard: &Heard) {
        let rows: Vec<(String, i64)> = database
            .raw()
            .await
            .all("SELECT text, COUNT(*) FROM entry_note WHERE text LIKE 'spend-%' GROUP BY text")
            .await;
        let spent: BTreeMap<String, i64> = rows.into_iter().collect();
        self.acknowledged += heard.keys.len();
        self.errors += heard.errors;
        self.lost += heard.keys.iter().filter(|key| !spent.contains_key(*key)).count();
        self.doubled += spent.values().filter(|times| **times != 1).count();
        // Each key was asked until it was heard: there is nothing that nobody asked for.
        assert_eq!(spent.len() + self.lost, heard.keys.len(), "spent, and asked for");
    }
}
