//! The server itself: API, pages and files behind one address, until it is told to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use leptos::config::LeptosOptions;
use leptos::config::errors::LeptosConfigError;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::connections::{self, Limits};
use crate::http::{Site, api, layers};
use crate::metrics_endpoint;
use crate::pages;
use crate::settings::Settings;
use handlers::marketplace::Marketplace;

/// Why the site can't be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("The front end's settings can't be read: {0}.")]
    FrontEnd(#[from] LeptosConfigError),
    #[cfg(feature = "embedded")]
    #[error(transparent)]
    LayOut(#[from] crate::embedded::LayOutError),
    #[error("The names of the site's files are not in {}. Run `make run`.", .0.display())]
    NoNames(PathBuf),
    #[error("The site's files are not in {}: {error}. Run `make run`.", root.display())]
    NoFiles {
        root: PathBuf,
        #[source]
        error: std::io::Error,
    },
    #[error("The address {address} can't be used: {error}.")]
    Address {
        address: SocketAddr,
        #[source]
        error: std::io::Error,
    },
}

/// Serves until `stop` resolves, then finishes what is under way.
///
/// # Errors
/// Why it can't be served.
pub async fn serve(
    settings: &Settings,
    marketplace: Marketplace,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let configuration = leptos::config::get_configuration(None)?;
    let mut options = configuration.leptos_options;
    options.site_addr = settings.address;
    #[cfg(feature = "embedded")]
    let _laid_out = crate::embedded::lay_out(&mut options)?;
    let listener = listen(settings.address).await?;
    let metrics = serve_metrics(settings, &marketplace).await?;
    let router = router(&Site::new(marketplace, settings), &options)?;
    connections::serve(listener, router, Limits::of_process(), stop).await;
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    Ok(())
}

/// At each page Leptos reads the names of the hashed files, from beside this program, and panics where they are not.
fn refuse_without_names(options: &LeptosOptions) -> Result<(), ServeError> {
    let program = std::env::current_exe().unwrap_or_default();
    let names = program.parent().unwrap_or(Path::new("")).join(&*options.hash_file);
    if options.hash_files && !names.is_file() {
        return Err(ServeError::NoNames(names));
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Address { address, error })
}

/// Tells the metrics at an address of their own, where one is set.
async fn serve_metrics(
    settings: &Settings,
    marketplace: &Marketplace,
) -> Result<Option<JoinHandle<()>>, ServeError> {
    let Some(address) = settings.metrics else {
        return Ok(None);
    };
    let (listener, routes) = (listen(address).await?, metrics_endpoint::routes(marketplace.clone()));
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::error!(%error, "the metrics are told no more");
        }
    })))
}

/// API, pages and files.
///
/// # Errors
/// When the built files are not where they should be.
pub fn router(site: &Site, options: &LeptosOptions) -> Result<Router, ServeError> {
    let api = api(site);
    let pages = pages::routes(site, &api, options);
    let whole = api.merge(pages).merge(files(options)?);
    let compressed = SizeAbove::new(512).and(NotForContentType::IMAGES);
    Ok(whole.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(site.marketplace.store.metrics.clone(), layers::measure))
            .layer(CompressionLayer::new().compress_when(compressed))
            .layer(from_fn_with_state(site.secure, layers::harden))
            .layer(from_fn_with_state(site.clone(), layers::refuse_stray)),
    ))
}

/// What the build left in the site's folder: hashed files for ever, the others to be asked for again.
fn files(options: &LeptosOptions) -> Result<Router, ServeError> {
    let root = Path::new(&*options.site_root);
    let missing = |error| ServeError::NoFiles { root: root.to_owned(), error };
    let entries = std::fs::read_dir(root).map_err(missing)?;
    refuse_without_names(options)?;
    let folder = ServeDir::new(root).precompressed_br().precompressed_gzip();
    let mut router = Router::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|kind| kind == "br" || kind == "gz") {
            continue;
        }
        let cache = HeaderValue::from_static(if *name == *options.site_pkg_dir {
            "public, max-age=31536000, immutable"
        } else {
            "public, no-cache"
        });
        // What is not here may be on a server of the next version, and what failed may be there the next time: that
        // must not be kept for ever.
        let cache = move |answer: &Response| {
            let status = answer.status();
            (status.is_success() || status == StatusCode::NOT_MODIFIED).then(|| cache.clone())
        };
        // A route and not a nested service, whose requests could not be counted by their route.
        let path = if entry.path().is_dir() { format!("/{name}/{{*file}}") } else { format!("/{name}") };
        let cached = Router::new().route_service(&path, folder.clone());
        router =
            router.merge(cached.layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, cache)));
    }
    Ok(router.layer(SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    )))
}
