//! `cargo xtask gallery`: a picture of every view, and what axe finds in it.

use anyhow::Result;

use crate::{
    setup::{For, set_up},
    steps::{program, root, step, target},
};

/// What is to be done.
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

/// Draws or compares. Leaves the pictures in `target/gallery`, what axe finds in `target/a11y/report.json`.
pub fn run(mode: Mode) -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("\n» Gallery: left out. The pictures are those that Chromium draws on Linux.");
        return Ok(());
    }
    set_up(&[For::Gallery])?;
    let mut gallery = program("node", &["gallery/main.js"]);
    gallery.current_dir(root().join("ui")).args(mode.option());
    gallery.arg("--pictures").arg(target().join("gallery"));
    gallery.arg("--accessibility").arg(target().join("a11y"));
    step(mode.purpose(), &mut gallery)
}
