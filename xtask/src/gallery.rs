//! `cargo xtask gallery`: pictures of every view, the findings of axe in two engines, and pictures of the real
//! window.

use anyhow::Result;

use crate::{
    demo::{LATCHKEY, Program, build},
    setup::{For, set_up},
    steps::{built, program, root, step, target},
};

/// The program that takes pictures of the window as WebKitGTK draws it.
const WINDOW_PICTURES: Program = ("latchkey-tests", "latchkey-window-pictures");

/// The task of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Draw the default size in all languages, the other sizes in one language of each direction.
    #[default]
    Draw,
    /// Draw all sizes in all languages and both themes.
    DrawAll,
    /// Compare with the stored pictures.
    Check,
    /// Draw the stored pictures.
    Update,
}

impl Mode {
    fn option(self) -> Option<&'static str> {
        match self {
            Self::Draw => None,
            Self::DrawAll => Some("--full"),
            Self::Check => Some("--check"),
            Self::Update => Some("--update"),
        }
    }

    fn purpose(self) -> &'static str {
        match self {
            Self::Draw | Self::DrawAll => "Drawing the views",
            Self::Check => "Comparing the views with their pictures",
            Self::Update => "Drawing the pictures that are stored",
        }
    }
}

/// Draws or compares. Writes the pictures to `target/gallery`, the findings of axe to `target/a11y/report.json`.
pub fn run(mode: Mode) -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("\n» Gallery: left out. The pictures are those that Chromium draws on Linux.");
        return Ok(());
    }
    if matches!(mode, Mode::Draw | Mode::DrawAll) {
        // Before the page of all pictures, which includes these.
        set_up(&[For::Building, For::VirtualDesktop, For::Gallery])?;
        draw_window()?;
    } else {
        set_up(&[For::Gallery])?;
    }
    let mut gallery = program("node", &["gallery/main.js"]);
    gallery.current_dir(root().join("ui")).args(mode.option());
    gallery.arg("--pictures").arg(target().join("gallery"));
    gallery.arg("--accessibility").arg(target().join("a11y"));
    step(mode.purpose(), &mut gallery)
}

fn draw_window() -> Result<()> {
    build(&[LATCHKEY, WINDOW_PICTURES])?;
    let mut pictures = program(built(WINDOW_PICTURES.1), &[]);
    pictures.env("LATCHKEY_PROGRAM", built(LATCHKEY.1)).arg(target().join("gallery/window"));
    step("Drawing the window", &mut pictures)
}
