//! Pages: their sizes, and how many a second beside an axum that only says hello.

use axum::Router;
use axum::routing::get;

use crate::figures::{Compared, ROUNDS, kilobytes};
use crate::web::{Web, listen, size};
use crate::world::World;

const CLIENTS: usize = 32;

pub async fn run(world: &World) {
    let app = listen(world.router()).await;
    let hello = listen(Router::new().route("/", get(|| async { "hello" }))).await;
    let web = Web::new();
    let officer = &world.officers[0];
    let area = format!("/comuni/{}", officer.body);
    println!("HTML of each kind of page, brotli:");
    for (path, cookie) in [
        ("/", ""),
        ("/servizi", ""),
        ("/servizi", officer.cookie.as_str()),
        ("/servizi/pagamento-ici", &officer.cookie),
        ("/accedi", ""),
        (&area, &officer.cookie),
        (&format!("{area}/pacchetto"), &officer.cookie),
        ("/richieste", &world.ctx),
        ("/avviso", &world.ctx),
        ("/avviso/progetto", &world.ctx),
    ] {
        let answer = web.get(&format!("http://{app}{path}"), cookie).await;
        let (status, who) = (answer.status(), if cookie.is_empty() { "anybody" } else { "signed in" });
        println!("  {path:<34} {who:<10} {:>6.1} kB ({status})", kilobytes(size(answer).await));
    }
    let mut compared = Compared::default();
    for _ in 0..ROUNDS {
        let ours = web.rate(&format!("http://{app}/servizi"), &officer.cookie, CLIENTS).await;
        compared.turn(ours, web.rate(&format!("http://{hello}/"), "", CLIENTS).await);
    }
    compared.print("catalogue page, signed in, 32 clients", "axum hello");
}
