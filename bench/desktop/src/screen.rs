//! The content of the screen, read from the X server's framebuffer file: no requests are sent to the server, so reading
//! does not affect the measurement.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// The interval of reading.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the content must be unchanged to be stable.
const REST: Duration = Duration::from_millis(1500);

/// The timeout of a change of the screen.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The step of rows for a first comparison: only if these are equal, all are compared.
const SPARSE: usize = 8;

/// The part of the edges that must be visible: all but those that a moving clock may hide.
const SHOWN: f64 = 0.98;

/// The screen of a virtual desktop.
pub struct Screen {
    file: File,
    begin: u64,
    row: usize,
    width: usize,
    height: usize,
}

/// All pixels of the screen at one time.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Vec<u8>);

/// The characteristic pixels of a picture: those that differ from their left neighbour, as in letters and lines. A
/// blank window has none.
pub struct Edges {
    /// By row: the offset of each pixel, and its colour.
    rows: Vec<Vec<(usize, [u8; 3])>>,
    empty: Picture,
}

impl Screen {
    /// The screen of this file.
    ///
    /// # Errors
    /// When its format is unknown.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("{} is not there", path.display()))?;
        let mut head = [0; 25 * 4];
        file.read_exact_at(&mut head, 0)?;
        let number = |at: usize| -> Result<usize> {
            let bytes = head.get(at * 4..at * 4 + 4).context("no such number")?;
            Ok(usize::try_from(u32::from_be_bytes(bytes.try_into()?))?)
        };
        ensure!(number(11)? == 32, "the screen has {} bits a pixel", number(11)?);
        // After the header and a table of colours with twelve bytes each.
        let begin = u64::try_from(number(0)? + number(19)? * 12)?;
        Ok(Self { file, begin, row: number(12)?, width: number(4)?, height: number(5)? })
    }

    fn read_row(&self, row: usize, buffer: &mut [u8]) -> Result<()> {
        Ok(self.file.read_exact_at(buffer, self.begin + u64::try_from(row * self.row)?)?)
    }

    /// The current content.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn picture(&self) -> Result<Picture> {
        let mut pixels = vec![0; self.row * self.height];
        self.file.read_exact_at(&mut pixels, self.begin)?;
        Ok(Picture(pixels))
    }

    /// The content once it is stable.
    ///
    /// # Errors
    /// When it keeps changing.
    pub fn at_rest(&self) -> Result<Picture> {
        let deadline = Instant::now() + TIMEOUT;
        let (mut picture, mut since) = (self.picture()?, Instant::now());
        while since.elapsed() < REST {
            ensure!(Instant::now() < deadline, "the screen does not come to rest");
            std::thread::sleep(10 * PAUSE);
            let now = self.picture()?;
            if now != picture {
                (picture, since) = (now, Instant::now());
            }
        }
        Ok(picture)
    }

    /// Waits until the content equals this picture again.
    ///
    /// # Errors
    /// When it does not.
    pub fn shows_again(&self, picture: &Picture) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        while self.picture()? != *picture {
            ensure!(Instant::now() < deadline, "the screen does not become what it was");
            std::thread::sleep(10 * PAUSE);
        }
        Ok(())
    }

    /// The edges of a picture that the empty screen does not have.
    #[must_use]
    pub fn edges(&self, shown: &Picture, empty: &Picture) -> Edges {
        let rows = (0..self.height).map(|row| {
            let pixel = |picture: &Picture, column: usize| {
                let at = row * self.row + column * 4;
                [picture.0[at], picture.0[at + 1], picture.0[at + 2]]
            };
            let columns = (1..self.width).filter(|column| {
                let here = pixel(shown, *column);
                here != pixel(shown, column - 1) && here != pixel(empty, *column)
            });
            columns.map(|column| (column * 4, pixel(shown, column))).collect()
        });
        Edges { rows: rows.collect(), empty: empty.clone() }
    }

    /// The time from `began` until the content differs from this picture.
    ///
    /// # Errors
    /// When it does not change.
    pub fn until_changed(&self, picture: &Picture, began: Instant) -> Result<Duration> {
        while self.picture()? == *picture {
            ensure!(began.elapsed() < TIMEOUT, "the screen does not change");
            std::thread::sleep(PAUSE);
        }
        Ok(began.elapsed())
    }

    /// The times from `began` until the screen is not empty, and until all of the edges are visible.
    ///
    /// # Errors
    /// When they do not appear.
    pub fn until_shown(&self, edges: &Edges, began: Instant) -> Result<(Duration, Duration)> {
        let mut first = None;
        loop {
            if first.is_none() && self.picture()? != edges.empty {
                first = Some(began.elapsed());
            }
            if self.share_of(edges, SPARSE)? >= SHOWN && self.share_of(edges, 1)? >= SHOWN {
                let shown = began.elapsed();
                return Ok((first.unwrap_or(shown), shown));
            }
            if began.elapsed() > TIMEOUT {
                let file = std::env::temp_dir().join("latchkey-bench-screen.ppm");
                self.save(&file)?;
                bail!(
                    "the screen shows {:.1} % of the edges after {TIMEOUT:?}: {}",
                    100.0 * self.share_of(edges, 1)?,
                    file.display()
                );
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// The visible part of the edges, in every `step`th row.
    #[expect(clippy::cast_precision_loss, reason = "a screen has few pixels")]
    fn share_of(&self, edges: &Edges, step: usize) -> Result<f64> {
        let (mut there, mut all) = (0_usize, 0_usize);
        let mut buffer = vec![0; self.row];
        for (row, pixels) in edges.rows.iter().enumerate().step_by(step) {
            if pixels.is_empty() {
                continue;
            }
            self.read_row(row, &mut buffer)?;
            all += pixels.len();
            there += pixels.iter().filter(|(at, colour)| buffer[*at..*at + 3] == *colour).count();
        }
        Ok(if all == 0 { 0.0 } else { there as f64 / all as f64 })
    }

    /// Writes the content to a file, for the analysis of a failure.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, file: &Path) -> Result<()> {
        let picture = self.picture()?;
        let mut text = format!("P6 {} {} 255\n", self.width, self.height).into_bytes();
        for row in picture.0.chunks_exact(self.row) {
            for pixel in row.chunks_exact(4).take(self.width) {
                text.extend([pixel[2], pixel[1], pixel[0]]);
            }
        }
        Ok(fs::write(file, text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A screen of 4 × 2 pixels in a file.
    fn screen(file: &Path, pixels: [u8; 8]) -> Screen {
        let mut head = [0_u32; 25];
        (head[0], head[4], head[5], head[11], head[12]) = (100, 4, 2, 32, 16);
        let mut bytes: Vec<u8> = head.iter().flat_map(|number| number.to_be_bytes()).collect();
        bytes.extend(pixels.iter().flat_map(|pixel| [*pixel, *pixel, *pixel, 0]));
        fs::write(file, bytes).unwrap();
        Screen::open(file).unwrap()
    }

    #[test]
    fn screen_edges_differ_from_their_left_and_the_empty_screen() {
        let file = std::env::temp_dir().join(format!("latchkey-bench-{}", std::process::id()));
        let empty = screen(&file, [0; 8]).picture().unwrap();
        let shown = screen(&file, [0, 9, 9, 0, 0, 0, 7, 0]);
        let edges = shown.edges(&shown.picture().unwrap(), &empty);
        assert_eq!(edges.rows, [vec![(4, [9; 3])], vec![(8, [7; 3])]]);
        assert!((shown.share_of(&edges, 1).unwrap() - 1.0).abs() < f64::EPSILON);
        let half = screen(&file, [0, 9, 0, 0, 0, 0, 0, 0]);
        assert!((half.share_of(&edges, 1).unwrap() - 0.5).abs() < f64::EPSILON);
        fs::remove_file(&file).unwrap();
    }
}
