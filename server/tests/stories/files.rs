//! The site's files as a browser gets them: what is named by its hash for ever, the others to be asked for again, each
//! as small as the browser can read it.

use std::path::Path;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use leptos::config::LeptosOptions;
use server::serve::router;
use tower::ServiceExt as _;

use crate::test_app::TestApp;

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header is text"))
    }
}

async fn get(site: &Router, path: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = Request::builder().uri(path).header("host", "servizi.como.example.org");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = site.clone().oneshot(request.body(Body::empty()).expect("a request")).await;
    let (parts, body) = response.expect("the router answers").into_parts();
    let body = body.collect().await.expect("the answer ends").to_bytes();
    Got { status: parts.status, headers: parts.headers, body }
}

fn lay(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
    std::fs::write(file, text).expect("it is written");
}

const BROTLI: (&str, &str) = ("accept-encoding", "gzip, br");

#[tokio::test]
async fn each_file_comes_with_its_kind_its_life_and_as_small_as_can_be() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("pkg/comunanza.abc.wasm", "the program"),
        ("pkg/comunanza.abc.wasm.br", "the program, brotli"),
        ("pkg/comunanza.abc.js", "its start"),
        ("pkg/comunanza.abc.js.gz", "its start, gzip"),
        ("robots.txt", "who may look"),
        ("robots.txt.br", "who may look, brotli"),
        ("favicon.svg", "a picture"),
    ] {
        lay(folder.path(), name, text);
    }
    let root = folder.path().to_string_lossy().into_owned();
    let options = LeptosOptions::builder().output_name("comunanza").site_root(root).build();
    let site = router(&app.site, &options).expect("the files are there");
    let for_ever = "public, max-age=31536000, immutable";
    for (path, headers, kind, life, encoding, body) in [
        ("/pkg/comunanza.abc.wasm", &[BROTLI][..], "application/wasm", for_ever, "br", "the program, brotli"),
        ("/pkg/comunanza.abc.wasm", &[], "application/wasm", for_ever, "", "the program"),
        ("/pkg/comunanza.abc.js", &[BROTLI], "text/javascript", for_ever, "gzip", "its start, gzip"),
        ("/robots.txt", &[BROTLI], "text/plain", "public, no-cache", "br", "who may look, brotli"),
        ("/favicon.svg", &[], "image/svg+xml", "public, no-cache", "", "a picture"),
    ] {
        let got = get(&site, path, headers).await;
        assert_eq!((got.status, &got.body[..]), (StatusCode::OK, body.as_bytes()), "{path}");
        assert_eq!((got.header("cache-control"), got.header("content-encoding")), (life, encoding), "{path}");
        assert_eq!(got.header("content-type").split(';').next(), Some(kind), "{path}");
        let since = got.header("last-modified").to_owned();
        let again = get(&site, path, &[("if-modified-since", &since)]).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
    }
    for absent in ["/pkg/altro.js", "/pkg/../robots.txt/x", "/robots.txt.br"] {
        let got = get(&site, absent, &[]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{absent}");
        assert!(!got.header("cache-control").contains("immutable"), "{absent} may be there tomorrow");
    }
}

#[cfg(feature = "embedded")]
#[tokio::test]
async fn the_program_alone_has_every_file_that_its_pages_name() {
    let app = TestApp::new().await;
    let mut options = LeptosOptions::builder().output_name("comunanza").build();
    let laid_out = server::embedded::lay_out(&mut options).expect("the files are laid out");
    let site = router(&app.site, &options).expect("the files are there");
    let home = get(&site, "/", &[]).await;
    let page = String::from_utf8(home.body.to_vec()).expect("a page is text");
    let named: Vec<_> = page.split('"').filter(|text| text.starts_with("/pkg/")).collect();
    for kind in [".js", ".wasm", ".css"] {
        assert!(named.iter().any(|name| name.ends_with(kind)), "no {kind} in {named:?}");
    }
    assert!(named.iter().filter(|name| name.ends_with(".wasm")).count() > 1, "the page's portion: {named:?}");
    for name in named {
        let got = get(&site, name, &[BROTLI]).await;
        assert_eq!((got.status, got.header("content-encoding")), (StatusCode::OK, "br"), "{name}");
        assert!(got.header("cache-control").ends_with("immutable"), "{name}");
    }
    let folder = laid_out.path().to_owned();
    drop(laid_out);
    assert!(!folder.exists(), "nothing is left behind");
}

#[tokio::test]
async fn a_server_without_the_names_of_its_files_says_so_when_it_starts() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_string_lossy().into_owned();
    let mut options = LeptosOptions::builder().output_name("comunanza").site_root(root).build();
    options.hash_files = true;
    // An absolute path stands for itself.
    options.hash_file = folder.path().join("hash.txt").to_string_lossy().into_owned().into();
    let said = router(&app.site, &options).expect_err("no page could be shown");
    assert!(
        said.to_string().starts_with("The names of the site's files are not in ")
            && said.to_string().ends_with("Run `make run`."),
        "{said}"
    );
    lay(folder.path(), "hash.txt", "js: abc");
    assert!(router(&app.site, &options).is_ok(), "they are there");
}
