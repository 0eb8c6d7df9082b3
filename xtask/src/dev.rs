//! `cargo xtask dev`: the demo with hot reload.

use anyhow::Result;
use serde_json::json;

use crate::{
    environment::Choice,
    setup::{For, set_up},
    steps::{cargo, program, root, step},
    test::build_ui,
};

/// The address of Vite's server for the window; the same as in `ui/vite.config.ts`.
const WINDOW: &str = "http://127.0.0.1:1420";

/// Runs it until the application is closed.
pub fn run() -> Result<()> {
    let choice = Choice::of_variables()?;
    set_up(&[For::Building])?;
    // Compiling the Rust side needs the folder even when the window is loaded from Vite.
    build_ui()?;
    if choice == Choice::ScalekitDev {
        let build = &["build", "--package", "scalekit-dev", "--locked"];
        step("Building the environment", &mut cargo(build))?;
    }
    let environment = choice.start()?;
    let reload = json!({ "build": {
        "devUrl": WINDOW,
        "beforeDevCommand": { "script": "npm run dev", "cwd": "ui" },
    }});
    let tauri = root().join("ui/node_modules/.bin/tauri");
    let mut dev = program(
        if cfg!(windows) { tauri.with_extension("cmd") } else { tauri },
        &["dev", "--config", &reload.to_string(), "--", "--locked"],
    );
    environment.set_for(&mut dev);
    // A container often has no other user.
    dev.env("LATCHKEY_ALLOW_ROOT", "1");
    step("The application, with hot reload", &mut dev)
}
