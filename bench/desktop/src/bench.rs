//! The desktop of all measurements: a signed-in user, the two windows, and their pictures on the screen.

use std::time::Duration;

use anyhow::{Context, Result};
use latchkey_tests::{StoredSession, TestEnv, TestOptions};
use scalekit_dev::ADA;

use crate::{
    program::{Program, Running},
    screen::{Edges, Picture, Screen},
};

/// Longer than all measurements, so that no refresh disturbs them.
const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// A desktop, with a session in its keychain.
pub struct Bench {
    /// Desktop, environment and browser.
    pub env: TestEnv,
    /// The desktop's screen.
    pub screen: Screen,
    /// The screen without a window.
    pub empty: Picture,
    /// The application, with its profile view on the screen.
    pub latchkey: Window,
    /// The bare window, with its page on the screen.
    pub bare: Window,
    /// Whether fewer runs are made.
    pub quick: bool,
}

/// A program, and the screen's content after its start.
pub struct Window {
    /// The program.
    pub program: Program,
    /// The edges of the screen's content after its start.
    pub edges: Edges,
}

impl Bench {
    /// Starts the desktop and signs the user in, with the real browser and the real keychain.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn start(quick: bool) -> Result<Self> {
        let options = TestOptions {
            access_token_lifetime: ACCESS_TOKEN_LIFETIME,
            log: "warn",
            ..TestOptions::default()
        };
        let mut env = TestEnv::set(options).await?;
        let application = env.signed_in_as(ADA).await?;
        let live = env.environment.live_refresh_token_of(ADA).context("there is no session")?;
        StoredSession::comes_to_hold(&env.desktop, &live).await?;
        application.quit()?;
        env.browser.quit().await?;
        // The pointer is moved away from the window, which would react to it.
        env.desktop.command("xdotool").args(["mousemove", "1279", "899"]).status()?;
        let screen = Screen::open(&env.desktop.screen())?;
        let empty = screen.at_rest()?;
        // The session is restored from the keychain, and the heading confirms that the screen shows the profile.
        let application = env.application().await?;
        application.is_headed("Ada Lovelace").await?;
        let restored = screen.edges(&screen.at_rest()?, &empty);
        application.quit()?;
        screen.shows_again(&empty)?;
        let latchkey = Window { program: Program::latchkey()?, edges: restored };
        let program = Program::bare_window()?;
        let running = program.start(&env.desktop)?;
        let page = shown_at_rest(&screen, &empty)?;
        let bare = Window { program, edges: screen.edges(&page, &empty) };
        running.close(&env.desktop, &screen, &empty)?;
        Ok(Self { env, screen, empty, latchkey, bare, quick })
    }

    /// Starts the program, and waits until its content is on the screen.
    ///
    /// # Errors
    /// When it does not appear.
    pub fn open(&self, window: &Window) -> Result<(Running, Duration, Duration)> {
        let running = window.program.start(&self.env.desktop)?;
        let (first, shown) = running.until_shown(&self.screen, &window.edges)?;
        Ok((running, first, shown))
    }

    /// Closes the program's window.
    ///
    /// # Errors
    /// When it does not end.
    pub fn close(&self, running: Running) -> Result<()> {
        running.close(&self.env.desktop, &self.screen, &self.empty)
    }
}

/// The stable content of the screen once it is not empty.
///
/// # Errors
/// When it keeps changing.
pub fn shown_at_rest(screen: &Screen, empty: &Picture) -> Result<Picture> {
    loop {
        let picture = screen.at_rest()?;
        if picture != *empty {
            return Ok(picture);
        }
    }
}
