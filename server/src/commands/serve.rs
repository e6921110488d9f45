//! `server serve`: the demonstration where it is asked for, the worker, and the server itself, until told to stop.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::demo;
use crate::encryption;
use crate::jobs;
use crate::mail::Mail;
use crate::settings::Settings;
use handlers::clock::Clock;
use handlers::marketplace::Marketplace;
use store::Store;
use store::backup::take;

/// How long the database is given to be closed.
const MOST_CLOSING: Duration = Duration::from_secs(5);

pub async fn serve(settings: &Settings) -> Result<String, String> {
    refuse_taken_address(settings).await?;
    if settings.recipient.is_some() {
        encryption::refuse_without_program().await?;
    }
    // Before it is opened, and brought up to date under who has it.
    let _mine = take(&settings.database)?;
    let store = Store::open(&settings.database).await?;
    let mut marketplace = marketplace(settings, store).await?;
    let mail = Mail::of(settings);
    mail.as_ref().map_or(Ok(()), Mail::prepare)?;
    marketplace.delivers = mail.is_some();
    let (stop, stopped) = watch::channel(false);
    let proof = jobs::proof::Proof::with(settings.anchors.clone());
    let backups = jobs::backup::Backups::with(settings, &marketplace.store);
    let days = settings.security_days;
    let worker = tokio::spawn(jobs::work(marketplace.clone(), backups, proof, days, stopped.clone()));
    let writer = tokio::spawn(jobs::security::write(marketplace.clone(), stopped.clone()));
    let outbox = mail.map(|mail| {
        let (marketplace, stopped) = (marketplace.clone(), stopped.clone());
        tokio::spawn(async move { jobs::outbox::work(marketplace, mail, stopped).await })
    });
    let listener = tokio::spawn(listen_for_signals(stop));
    say_where(settings, &marketplace);
    if settings.secure() && settings.trusted.is_empty() {
        tracing::warn!("TRUSTED_PROXIES is not set: behind a proxy all visitors are counted as one source");
    }
    let mut stop = stopped;
    let ending = marketplace.clone();
    let served = crate::serve::serve(settings, marketplace, async move {
        let _ = stop.wait_for(|stop| *stop).await;
    })
    .await;
    // Without its listener the workers have nobody left who could keep them at work.
    listener.abort();
    let _ = worker.await;
    let _ = writer.await;
    if let Some(outbox) = outbox {
        let _ = outbox.await;
    }
    // What the last answers refused.
    ending.write_security_log(true).await;
    // What is left then is read from the log beside the file the next time.
    let _ = timeout(MOST_CLOSING, ending.store.close()).await;
    served?;
    Ok("The server stopped.\n".to_owned())
}

/// Before the demonstration is made, which takes some seconds.
async fn refuse_taken_address(settings: &Settings) -> Result<(), String> {
    let addresses =
        [(Some(settings.address), "PORT or LEPTOS_SITE_ADDR"), (settings.metrics, "METRICS_ADDR")];
    for (address, setting) in addresses {
        let Some(address) = address else { continue };
        if let Err(error) = TcpListener::bind(address).await {
            return Err(format!("The address {address} can't be used: {error}. {setting} names another."));
        }
    }
    Ok(())
}

/// The marketplace over the store: with the demonstration where it was asked for, and nothing is there yet.
async fn marketplace(settings: &Settings, store: Store) -> Result<Marketplace, String> {
    let unreadable = |error| format!("The database can't be read: {error}.");
    let marketplace =
        Marketplace::open(store.clone(), Clock::Real, settings.demo).await.map_err(unreadable)?;
    demo::refuse_unfit(settings, &marketplace).await?;
    if !marketplace.tenants.is_empty() {
        return Ok(marketplace);
    }
    if !settings.demo {
        return Err(
            "There is no aggregator yet: `server create-aggregator --help` says how to add one, and DEMO=1 starts \
             with the demonstration."
                .to_owned(),
        );
    }
    println!("The demonstration is being made: some seconds, only this once.");
    demo::make(&store, marketplace.clock.now()).await?;
    Marketplace::open(store, Clock::Real, settings.demo).await.map_err(unreadable)
}

fn say_where(settings: &Settings, marketplace: &Marketplace) {
    let brand = marketplace.tenants.first().map(|tenant| &tenant.profile.brand);
    let brand = brand.map_or("The marketplace", String::as_str);
    println!("{brand} is at {}", settings.public_url);
    if settings.demo {
        println!(
            "To try it, sign in as {} with the password {}, or choose who to be on the sign-in page.",
            demo::FIRST_TO_TRY,
            demo::PASSWORD
        );
    }
}

/// Says stop to all who wait for it when the machine's owner does: by Ctrl-C, or by the signal to end.
async fn listen_for_signals(stop: watch::Sender<bool>) {
    let mut ended = match signal(SignalKind::terminate()) {
        Ok(ended) => ended,
        Err(error) => {
            tracing::error!(%error, "the signal to end can't be heard");
            std::future::pending().await
        }
    };
    tokio::select! {
        _ = ended.recv() => {}
        interrupted = tokio::signal::ctrl_c() => {
            if let Err(error) = interrupted {
                tracing::error!(%error, "Ctrl-C can't be caught");
                std::future::pending::<()>().await;
            }
        }
    }
    tracing::info!("stopping");
    stop.send_replace(true);
}
