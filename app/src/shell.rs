//! The HTML document round the site: written by the server only.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::frame::App;
use crate::rendering::Rendering;

/// The document. The program is fetched when the page is idle, so that it never delays what is seen first.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let lang = use_context::<Rendering>().map(|rendering| rendering.lang()).unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang=lang.code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="theme-color" content="#0059b3"/>
                <link
                    rel="preload"
                    href="/fonts/titillium-web-400.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <HashedStylesheet options=options.clone()/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="icon" href="/favicon.ico" sizes="48x48"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options=options defer=true/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
