//! Pictures of the whole screen, as a person would see it.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::Desktop;

/// A picture with fewer colours than this shows nothing.
const FEWEST_COLOURS: u32 = 16;

impl Desktop {
    /// Takes a picture of the screen, which must show something.
    ///
    /// # Errors
    /// When it cannot be taken, or is blank.
    pub fn picture(&self, file: &Path) -> Result<()> {
        let taken = self.command("import").args(["-window", "root"]).arg(file).status()?;
        ensure!(taken.success(), "no picture could be taken");
        let counted = self.command("identify").args(["-format", "%k"]).arg(file).output()?;
        let colours = String::from_utf8_lossy(&counted.stdout).trim().parse::<u32>();
        let colours = colours.context("the picture cannot be read")?;
        ensure!(colours >= FEWEST_COLOURS, "the screen is blank");
        Ok(())
    }
}
