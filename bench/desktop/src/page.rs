//! The cost of the page: the bytes that the webview loads, and the time until it paints.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use latchkey_bench_row::{Goal, Pairs, Row};
use latchkey_tests::Page;
use serde_json::Value;

use crate::bench::{Bench, Window};

/// The limit of the page's size, in KiB.
const MAX_SENT: f64 = 60.0;

/// A script that returns the page's references, its language, and the times of the first paint and of complete loading,
/// scripts and frames included, in milliseconds since the navigation. None before both have happened.
const LOADED: &str = "
    const [navigation] = performance.getEntriesByType('navigation');
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    if (!paint || !(navigation.loadEventEnd > 0)) return null;
    const parts = [...document.querySelectorAll('script[src], link[href]')];
    const paths = parts.map((one) => new URL(one.src || one.href).pathname);
    const language = document.documentElement.lang;
    return { paths, language, paint: paint.startTime, loaded: navigation.loadEventEnd };";

/// Loads the page of the application, alternately with that of the bare window.
///
/// # Errors
/// When a page does not load.
pub fn loading(bench: &Bench) -> Result<Vec<Row>> {
    let runs = if bench.quick { 2 } else { 8 };
    let [mut paint, mut load, mut sent] = [Pairs::default(), Pairs::default(), Pairs::default()];
    for _ in 0..runs {
        let loaded = loaded(bench, &bench.latchkey)?;
        let bare = self::loaded(bench, &bench.bare)?;
        for (pairs, name) in [(&mut paint, "paint"), (&mut load, "loaded")] {
            let time = |loaded: &Value| loaded[name].as_f64().context("no time");
            pairs.samples.push(time(&loaded)?);
            pairs.baseline.push(time(&bare)?);
        }
        sent.samples.push(kibibytes(&files(&loaded)?)?);
        sent.baseline.push(kibibytes(&bare_files())?);
    }
    Ok(vec![
        sent.row("page: sent to the webview, compressed", "KiB", "bare window")
            .with_goal(Goal::AtMost(MAX_SENT)),
        paint
            .row("page: first paint after navigation", "ms", "bare window")
            .with_goal(Goal::TimesAtMost(1.2)),
        load.row("page: scripts and frames done after navigation", "ms", "bare window")
            .with_goal(Goal::TimesAtMost(1.2)),
    ])
}

/// Starts the program, and reads its page's loading data.
fn loaded(bench: &Bench, window: &Window) -> Result<Value> {
    tokio::runtime::Handle::current().block_on(async {
        let page = Page::open(&bench.env.desktop, window.program.path(), &[]).await?;
        let loaded = latchkey_tests::until("the page to load", async || {
            page.run_script(LOADED).await.ok().filter(|loaded| !loaded.is_null())
        })
        .await?;
        page.quit().await?;
        bench.screen.shows_again(&bench.empty)?;
        Ok(loaded)
    })
}

/// The files of this page and of the isolation frame. The script loads the language's file.
fn files(loaded: &Value) -> Result<Vec<PathBuf>> {
    let (ui, dist) = (checkout().join("ui"), checkout().join("ui/dist"));
    let mut files: Vec<_> =
        ["isolation/index.html", "isolation/hook.js"].map(|name| ui.join(name)).into();
    files.push(dist.join("index.html"));
    let paths = loaded["paths"].as_array().context("the page refers to nothing")?;
    let paths = paths.iter().filter_map(Value::as_str);
    files.extend(paths.map(|path| dist.join(path.trim_start_matches('/'))));
    let begin = format!("{}-", loaded["language"].as_str().context("the page has no language")?);
    for entry in fs::read_dir(dist.join("assets"))? {
        let file = entry?.path();
        let is_language =
            file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begin));
        if is_language && !files.contains(&file) {
            files.push(file);
        }
    }
    ensure!(files.len() >= 6, "script, style or language is missing: {files:?}");
    Ok(files)
}

fn bare_files() -> [PathBuf; 2] {
    ["index.html", "style.css"].map(|name| checkout().join("bench/bare-window/page").join(name))
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The size of the files, each compressed separately, as a server would send them.
#[expect(clippy::cast_precision_loss, reason = "files of a page are small")]
fn kibibytes(files: &[PathBuf]) -> Result<f64> {
    let mut bytes = 0;
    for file in files {
        ensure!(fs::metadata(file)?.is_file());
        let packed = Command::new("gzip").args(["--best", "--stdout"]).arg(file).output()?;
        ensure!(packed.status.success(), "gzip cannot pack {}", file.display());
        bytes += packed.stdout.len();
    }
    Ok(bytes as f64 / 1024.0)
}
