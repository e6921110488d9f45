//! Pages as the server makes them: many at once, with readers that go away before theirs is there. None hangs, and no
//! task panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use futures::future::join_all;
use model::requests::State;
use tokio::time::timeout;

use crate::metrics::whole;
use crate::test_app::{TestApp, TestClient};

/// No story waits longer for what must happen.
const AT_MOST: Duration = Duration::from_mins(2);

/// Panics since the count began, in any thread.
pub struct Panics(Arc<AtomicUsize>);

impl Panics {
    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// From here on panics are counted, and told as before.
pub fn count_panics() -> Panics {
    let count = Arc::new(AtomicUsize::new(0));
    let (counting, told) = (count.clone(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        counting.fetch_add(1, Ordering::SeqCst);
        told(panic);
    }));
    Panics(count)
}

/// Pages of every kind, with who looks at them.
async fn views(app: &TestApp) -> Vec<(TestClient, String)> {
    let body = app.body("Bellagio");
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let request = app.bring("Bellagio", "tributi", State::Activating).await.id;
    let waiting = app.sent("Brunate", &["tributi"], &[]).await.id;
    let (officer, mayor) = (app.officer("Bellagio"), app.mayor("Brunate"));
    let (operator, administrator) = (app.operator(), app.administrator());
    let area = format!("/comuni/{body}");
    let mut views = Vec::new();
    for path in ["/", "/servizi", "/servizi?q=tributi", "/servizi/tributi", "/accedi", "/registro"] {
        views.push((app.stranger(), path.to_owned()));
        views.push((officer.clone(), path.to_owned()));
    }
    for rest in ["", "/movimenti", "/pratiche", "/richieste", "/pacchetto", "/pacchetto/riepilogo"] {
        views.push((officer.clone(), format!("{area}{rest}")));
    }
    views.push((mayor, format!("/pratiche/{waiting}")));
    views.push((officer, format!("/richieste/{request}")));
    for path in ["/richieste".to_owned(), format!("/richieste/{request}"), "/avviso/progetto".to_owned()] {
        views.push((operator.clone(), path));
    }
    for path in ["/avviso".to_owned(), format!("/avviso/comuni/{body}"), "/profilo".to_owned()] {
        views.push((administrator.clone(), path));
    }
    views
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_pages_at_once_all_come_to_their_end() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let views: Vec<_> =
        views(&app).await.into_iter().map(|(who, path)| (who.at(site.clone()), path)).collect();
    let panics = count_panics();
    let mut left = 1_000;
    while left > 0 {
        let asked = views.iter().cycle().take(100).cloned();
        let rendered = asked.map(|(who, path)| {
            tokio::spawn(async move {
                let reply = who.get(&path).await;
                assert_eq!(reply.status, StatusCode::OK, "{path}");
                assert!(
                    reply.body.ends_with("</html>") || reply.body.contains("</body>"),
                    "{path} is cut off"
                );
            })
        });
        let all = timeout(AT_MOST, join_all(rendered)).await.expect("every page comes to its end");
        for one in all {
            one.expect("a whole page");
        }
        left -= 100;
    }
    assert_eq!(panics.get(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_that_go_away_leave_no_panic_behind() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let views: Vec<_> =
        views(&app).await.into_iter().map(|(who, path)| (who.at(site.clone()), path)).collect();
    let panics = count_panics();
    for round in 0..20_u64 {
        let reading = views.iter().cloned().enumerate().map(|(at, (who, path))| {
            let patience = Duration::from_micros((round * 997 + at as u64 * 1_371) % 40_000);
            // A reader whose patience ends is dropped in the middle of the rendering.
            tokio::spawn(async move { timeout(patience, who.get(&path)).await.is_ok() })
        });
        timeout(AT_MOST, join_all(reading)).await.expect("all are done, or gone");
    }
    // What is still being made comes to its end.
    let last = views[0].0.get("/").await;
    assert_eq!((last.status, panics.get()), (StatusCode::OK, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_title_of_the_window_names_the_body_or_the_request() {
    let app = TestApp::new().await;
    let (site, _folder) = whole(&app);
    let body = app.body("Bellagio");
    app.authorised("Bellagio", &["tributi"], &[]).await;
    let request = app.request("Bellagio", "tributi").await;
    let waiting = app.sent("Brunate", &["tributi"], &[]).await;
    let service = request.service.name.as_str();
    let officer = app.officer("Bellagio").at(site.clone());
    for (who, path, title) in [
        (&officer, format!("/comuni/{body}"), "Comune di Bellagio".to_owned()),
        (
            &officer,
            format!("/comuni/{body}/movimenti"),
            "Movimenti dei crediti, Comune di Bellagio".to_owned(),
        ),
        (
            &officer,
            format!("/comuni/{body}/pacchetto"),
            "Composizione del pacchetto, Comune di Bellagio".to_owned(),
        ),
        (&officer, format!("/richieste/{}", request.id), format!("{service}, Bellagio")),
        (
            &app.operator().at(site.clone()),
            format!("/richieste/{}", request.id),
            format!("{service}, Bellagio"),
        ),
        (
            &app.mayor("Brunate").at(site.clone()),
            format!("/pratiche/{}", waiting.id),
            format!("Da autorizzare, {}, Comune di Brunate", waiting.number),
        ),
    ] {
        let page = who.get(&path).await.body;
        let found = page.split_once("<title>").and_then(|(_, rest)| Some(rest.split_once("</title>")?.0));
        assert_eq!(
            found.map(|found| found.split(" · ").next().unwrap_or_default()),
            Some(title.as_str()),
            "{path}"
        );
    }
}
