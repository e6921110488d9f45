//! The program that the browser loads: it begins here, and everything else stands in `app`.

/// Takes over the page; called by the script of the page once it is idle.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    app::browser::start();
}
