//! The server itself: API, pages and files behind one address, until it is told to stop.

use std::future::Future;
use std::path::Path;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::from_fn;
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::connections;
use crate::http::{Site, api, layers};
use crate::office::Office;
use crate::pages;
use crate::settings::Settings;

/// Serves until `stop` resolves, then finishes what is under way.
///
/// # Errors
/// A sentence for the operator.
pub async fn serve(
    settings: &Settings,
    office: Office,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), String> {
    let configuration = leptos::config::get_configuration(None)
        .map_err(|error| format!("The front end's settings can't be read: {error}."))?;
    let mut options = configuration.leptos_options;
    options.site_addr = settings.address;
    let listener = TcpListener::bind(settings.address)
        .await
        .map_err(|error| format!("The address {} can't be used: {error}.", settings.address))?;
    let router = router(&Site::new(office, settings), &options)?;
    connections::serve(listener, router, connections::MOST_HEAD_TIME, stop).await;
    Ok(())
}

/// API, pages and files.
///
/// # Errors
/// A sentence when the built files are not where they should be.
pub fn router(site: &Site, options: &LeptosOptions) -> Result<Router, String> {
    let api = api(site);
    let pages = pages::routes(site, &api, options);
    let whole = api.merge(pages).merge(files(options)?);
    let compressed = SizeAbove::new(512).and(NotForContentType::IMAGES);
    Ok(whole.layer(
        ServiceBuilder::new()
            .layer(CompressionLayer::new().compress_when(compressed))
            .layer(from_fn(layers::harden)),
    ))
}

/// What the build left in the site's folder: hashed files for ever, the others to be asked for again.
fn files(options: &LeptosOptions) -> Result<Router, String> {
    let root = Path::new(&*options.site_root);
    let entries = std::fs::read_dir(root).map_err(|error| {
        format!("The site's files are not in {}: {error}. Run `make run`.", root.display())
    })?;
    let for_ever = "public, max-age=31536000, immutable";
    let mut router = Router::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|kind| kind == "br" || kind == "gz") {
            continue;
        }
        let path = format!("/{name}");
        let cache = if *name == *options.site_pkg_dir { for_ever } else { "public, no-cache" };
        let cached = Router::new();
        let cached = if entry.path().is_dir() {
            let folder = ServeDir::new(entry.path()).precompressed_br().precompressed_gzip();
            cached.nest_service(&path, folder)
        } else {
            cached.route_service(&path, ServeFile::new(entry.path()).precompressed_br().precompressed_gzip())
        };
        router = router.merge(cached.layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static(cache),
        )));
    }
    Ok(router.layer(SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    )))
}
