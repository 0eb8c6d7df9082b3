//! A keychain, an environment, and processes with a session and no window.

use std::{fs, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use latchkey_tests::{Desktop, TEST_TIMEOUT, target};
use rustix::process::{Pid, Signal, kill_process};
use scalekit_dev::{Environment, Settings};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

pub use scalekit_dev::ADA;

/// The program without a window.
const HEADLESS: &str = env!("CARGO_BIN_EXE_latchkey-headless");

/// The environment's reaction to a refresh token that is sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReusePolicy {
    /// It ends the session.
    EndsTheSession,
    /// For half a minute it accepts it as a retry.
    AcceptsRetries,
}

pub struct Fixture {
    pub desktop: Desktop,
    pub environment: Environment,
}

/// A running process. It is killed when this is dropped.
pub struct Headless {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Fixture {
    pub async fn set(policy: ReusePolicy) -> Result<Self> {
        let reuse_grace = match policy {
            ReusePolicy::EndsTheSession => Duration::ZERO,
            ReusePolicy::AcceptsRetries => Duration::from_secs(30),
        };
        let environment =
            Environment::start(Settings { reuse_grace, ..Settings::default() }).await?;
        let mut desktop = Desktop::without_screen()?;
        desktop.set("SCALEKIT_ENVIRONMENT_URL", environment.url());
        desktop.set("SCALEKIT_CLIENT_ID", environment.client_id());
        Ok(Self { desktop, environment })
    }

    /// A fixture with Ada signed in, by a process that has ended.
    pub async fn signed_in(policy: ReusePolicy) -> Result<Self> {
        let fixture = Self::set(policy).await?;
        let mut process = fixture.starts()?;
        fixture.signs_in(&mut process).await?;
        process.ends().await?;
        Ok(fixture)
    }

    pub fn starts(&self) -> Result<Headless> {
        self.starts_with(&[], &[])
    }

    pub fn starts_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Headless> {
        let mut command = self.desktop.command(HEADLESS);
        command.args(arguments).envs(variables.iter().copied());
        Self::start(command)
    }

    /// Starts a process that gets an error from a full disk, also where `RLIMIT_FSIZE` simulates one, which also sends
    /// a signal.
    pub fn starts_without_signals_of_full_disks(&self) -> Result<Headless> {
        let mut command = self.desktop.command("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\"", HEADLESS]);
        Self::start(command)
    }

    fn start(mut command: std::process::Command) -> Result<Headless> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = child.stdout.take().context("no output")?;
        Ok(Headless { child, input, lines: BufReader::new(output).lines() })
    }

    pub async fn signs_in(&self, process: &mut Headless) -> Result<()> {
        process.prints("signed out").await?;
        self.signs_in_again(process).await
    }

    /// Signs in, in a process that has reported already that no user is signed in.
    pub async fn signs_in_again(&self, process: &mut Headless) -> Result<()> {
        process.sends("sign-in").await?;
        // A sign-out before it may have opened a page too.
        let page = format!("opened {}/oauth/authorize", self.environment.url());
        let opened = process.prints(&page).await?;
        let page = opened.strip_prefix("opened ").context("no page")?;
        let link = self.environment.sign_in_as(ADA, page)?;
        process.sends(&format!("link {link}")).await?;
        process.prints("fresh").await?;
        Ok(())
    }

    /// The number of refresh tokens that the environment has received.
    pub fn refreshes(&self) -> usize {
        self.environment.token_requests("refresh_token").len()
    }
}

impl Headless {
    pub async fn sends(&mut self, command: &str) -> Result<()> {
        Ok(self.input.write_all(format!("{command}\n").as_bytes()).await?)
    }

    /// Waits for a line of output with this prefix; earlier lines are skipped.
    pub async fn prints(&mut self, wanted: &str) -> Result<String> {
        self.prints_one_of(&[wanted]).await
    }

    pub async fn prints_one_of(&mut self, wanted: &[&str]) -> Result<String> {
        let mut skipped = Vec::new();
        let found = timeout(TEST_TIMEOUT, async {
            while let Some(line) = self.lines.next_line().await? {
                if wanted.iter().any(|one| line.starts_with(one)) {
                    return Ok(line);
                }
                skipped.push(line);
            }
            bail!("the process has ended")
        });
        match found.await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(why)) => {
                Err(why.context(format!("waiting for {wanted:?}, skipped {skipped:?}")))
            }
            Err(_) => bail!("waited in vain for {wanted:?}, skipped {skipped:?}"),
        }
    }

    /// Waits until all commands have been processed and everything is stored.
    pub async fn is_idle(&mut self) -> Result<()> {
        self.sends("written").await?;
        self.prints("written").await.map(drop)
    }

    pub fn id(&self) -> Result<u32> {
        self.child.id().context("it has ended")
    }

    pub fn gets(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(self.id()?.try_into()?).context("no process id")?;
        Ok(kill_process(pid, signal)?)
    }

    pub async fn is_killed(&mut self) -> Result<()> {
        self.gets(Signal::KILL)?;
        self.is_ended_by_signal().await
    }

    /// Waits until a signal has ended the process.
    pub async fn is_ended_by_signal(&mut self) -> Result<()> {
        let status =
            timeout(TEST_TIMEOUT, self.child.wait()).await.context("it is still running")??;
        if status.code().is_some() {
            let output = rest(&mut self.lines).await?;
            bail!("it ended by itself: {status}, and printed {output:?}");
        }
        Ok(())
    }

    /// Ends it as closing a window does.
    pub async fn ends(self) -> Result<()> {
        let Self { mut child, input, mut lines } = self;
        drop(input);
        let status = timeout(TEST_TIMEOUT, child.wait()).await.context("it is still running")??;
        let output = rest(&mut lines).await?;
        anyhow::ensure!(status.success(), "it ended badly: {status}, and printed {output:?}");
        Ok(())
    }
}

/// The remaining lines of output.
async fn rest(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<Vec<String>> {
    let mut output = Vec::new();
    while let Some(line) = lines.next_line().await? {
        output.push(line);
    }
    Ok(output)
}

/// Writes measured values to `target/chaos`.
pub fn measured(name: &str, lines: &[String]) -> Result<()> {
    let folder = target().join("chaos");
    fs::create_dir_all(&folder)?;
    let text = lines.join("\n");
    println!("{text}");
    Ok(fs::write(folder.join(format!("{name}.md")), format!("{text}\n"))?)
}
