//! A desktop for a test: screen, window manager, session bus, keychain, and folders of its own.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use scalekit_auth_native::InstanceDir;
use tempfile::TempDir;

use crate::{
    IDENTIFIER,
    keepassxc::{self, Exposed},
    process::{Process, ProcessGuard, at_home},
    watchdog::Watchdog,
};

/// The password of the desktop's keychain.
pub(crate) const KEYCHAIN_PASSWORD: &str = "open sesame";

/// The name of the keychain service in the list of processes.
const KEYCHAIN: &str = "gnome-keyring";

/// The name of the session bus in the list of processes.
const BUS: &str = "dbus";

/// The configuration of a session bus that starts no services.
const PLAIN_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A desktop. All of its processes end when it is dropped.
pub struct Desktop {
    // The order matters: fields are dropped from the first to the last.
    processes: Vec<Process>,
    _caretaker: ProcessGuard,
    _watchdog: Option<Watchdog>,
    pub(crate) surroundings: Surroundings,
    bus: Bus,
    /// The display of the X server that contains a Wayland compositor.
    outer: Option<String>,
    folder: TempDir,
}

/// The kind of session bus.
#[derive(Debug, Clone, Copy)]
enum Bus {
    /// The usual one.
    OfAUser,
    /// A bus that starts no service: a stopped keychain stays stopped until it is started.
    Plain,
}

/// The environment variables of the desktop's processes.
#[derive(Clone, Default)]
pub(crate) struct Surroundings(BTreeMap<String, String>);

impl Surroundings {
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for name in [
            "WAYLAND_DISPLAY",
            "DISPLAY",
            "BROWSER",
            "LC_ALL",
            "SCALEKIT_ENVIRONMENT_URL",
            "SCALEKIT_CLIENT_ID",
        ] {
            command.env_remove(name);
        }
        command.envs(&self.0);
        command
    }
}

impl Desktop {
    /// Starts a desktop with this locale (`en_US.UTF-8`, `ar_EG.UTF-8` …).
    ///
    /// # Errors
    /// When a part of it is not installed.
    pub fn start(locale: &str) -> Result<Self> {
        Self::with_bus(Bus::OfAUser)?.with_screen(locale)
    }

    /// Starts a desktop without a keychain service, and without a way to start one.
    ///
    /// # Errors
    /// When a part of it is not installed.
    pub fn start_without_keychain(locale: &str) -> Result<Self> {
        let mut desktop = Self::without_screen()?;
        desktop.stop_keychain();
        desktop.with_screen(locale)
    }

    /// Starts a desktop whose keychain service has no keyring, and a prompt for creating one.
    ///
    /// # Errors
    /// When a part of it is not installed.
    pub fn start_without_keyring(locale: &str) -> Result<Self> {
        let mut desktop = Self::without_keychain(Bus::OfAUser)?.with_screen(locale)?;
        // The bus starts the prompt, and was started before the screen.
        let screen = format!("DISPLAY={}", desktop.surroundings.0["DISPLAY"]);
        let mut update = desktop.command("dbus-update-activation-environment");
        ensure!(update.arg(screen).status()?.success(), "the bus did not take the variables");
        desktop.start_locked_keychain()?;
        Ok(desktop)
    }

    /// Starts a desktop with KeePassXC as its keychain service in a usual setup: the Secret Service integration is on,
    /// one group is exposed, and reads cause no prompt.
    ///
    /// # Errors
    /// When a part of it is not installed.
    pub fn start_with_keepassxc(locale: &str) -> Result<Self> {
        Self::with_keepassxc(locale, Exposed::Group)
    }

    /// The same as after an installation: no group is exposed.
    ///
    /// # Errors
    /// When a part of it is not installed.
    pub fn start_with_keepassxc_without_group(locale: &str) -> Result<Self> {
        Self::with_keepassxc(locale, Exposed::Nothing)
    }

    fn with_keepassxc(locale: &str, exposed: Exposed) -> Result<Self> {
        let mut desktop = Self::without_keychain(Bus::Plain)?.with_screen(locale)?;
        let database = keepassxc::set_up(&desktop, exposed)?;
        let mut command = desktop.command("keepassxc");
        // It stores the lock of its single instance there.
        command.arg("--pw-stdin").arg(database).env("TMPDIR", desktop.home());
        let logs = desktop.logs();
        let process = Process::start_with_line(KEYCHAIN, command, KEYCHAIN_PASSWORD, &logs)?;
        desktop.keychain_comes_up(process)?;
        Ok(desktop)
    }

    fn with_screen(self, locale: &str) -> Result<Self> {
        let mut desktop = self;
        desktop.install_locale(locale)?;
        // Makes gio start the handlers of schemes, as on most desktops.
        desktop.set("XDG_CURRENT_DESKTOP", "GNOME");
        // No accessibility bus, no GPU, no portal: these would be the ones of the user's own desktop.
        desktop.set("NO_AT_BRIDGE", "1");
        desktop.set("GTK_USE_PORTAL", "0");
        desktop.set("LIBGL_ALWAYS_SOFTWARE", "1");
        // With software rendering, WebKit would show a change up to a second late.
        desktop.set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        desktop.set("GDK_BACKEND", "x11");
        desktop.start_screen()?;
        let window_manager = desktop.command("openbox");
        desktop.start_process("openbox", window_manager)?;
        Ok(desktop)
    }

    /// Starts the parts for programs without a window: session bus and keychain.
    ///
    /// # Errors
    /// When a part of it is not installed.
    pub fn without_screen() -> Result<Self> {
        Self::with_bus(Bus::Plain)
    }

    fn with_bus(bus: Bus) -> Result<Self> {
        let mut desktop = Self::without_keychain(bus)?;
        desktop.start_keychain()?;
        Ok(desktop)
    }

    fn without_keychain(bus: Bus) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("env-").tempdir()?;
        let watchdog = Watchdog::start(folder.path());
        let caretaker = ProcessGuard::start(folder.path())?;
        let mut desktop = Self {
            processes: Vec::new(),
            _caretaker: caretaker,
            _watchdog: watchdog,
            surroundings: Surroundings::default(),
            bus,
            outer: None,
            folder,
        };
        desktop.set_up_folders()?;
        desktop.set("NO_COLOR", "1");
        // Panics are part of some tests, and their backtraces are not needed.
        desktop.set("RUST_BACKTRACE", "0");
        // A container often has no other user.
        desktop.set("LATCHKEY_ALLOW_ROOT", "1");
        desktop.start_bus()?;
        Ok(desktop)
    }

    /// Makes programs fail to create sockets in the home, as on a file system without sockets.
    ///
    /// # Errors
    /// When there is no C compiler.
    pub fn takes_no_sockets_at_home(&mut self) -> Result<()> {
        self.takes_no_sockets_below(&self.home())
    }

    /// Makes programs fail to create sockets in the home and in the runtime folder.
    ///
    /// # Errors
    /// When there is no C compiler.
    pub fn takes_no_sockets_anywhere(&mut self) -> Result<()> {
        let everything = self.folder.path().to_owned();
        self.takes_no_sockets_below(&everything)
    }

    fn takes_no_sockets_below(&mut self, below: &Path) -> Result<()> {
        let (source, library) =
            (self.folder.path().join("no_sockets.c"), self.folder.path().join("no_sockets.so"));
        fs::write(&source, include_str!("no_sockets.c"))?;
        let mut compiler = self.command("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl");
        ensure!(compiler.status()?.success(), "the C compiler failed");
        self.set("NO_SOCKETS_BELOW", below.display().to_string());
        self.set("LD_PRELOAD", library.display().to_string());
        Ok(())
    }

    /// Ends the session bus, and with it the keychain service, which exits without a bus.
    ///
    /// # Errors
    /// When the keychain service does not end.
    pub fn stop_bus(&mut self) -> Result<()> {
        self.processes.retain(|process| process.name() != BUS);
        self.processes
            .iter_mut()
            .find(|process| process.name() == KEYCHAIN)
            .map_or(Ok(()), Process::wait)?;
        self.stop_keychain();
        Ok(())
    }

    /// Ends the keychain service, as a crash does.
    pub fn stop_keychain(&mut self) {
        self.processes.retain(|process| process.name() != KEYCHAIN);
    }

    /// A command with this desktop's environment variables.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        self.surroundings.command(program)
    }

    /// Sets a variable for all later commands.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.surroundings.0.insert(name.to_owned(), value.into());
    }

    /// Removes a variable for all later commands.
    pub(crate) fn unset(&mut self, name: &str) {
        self.surroundings.0.remove(name);
    }

    /// The address of the session bus.
    #[must_use]
    pub fn bus_address(&self) -> Option<&str> {
        self.surroundings.0.get("DBUS_SESSION_BUS_ADDRESS").map(String::as_str)
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The X server's framebuffer file: in the format of `xwd`, and always current.
    #[must_use]
    pub fn screen(&self) -> PathBuf {
        self.folder.path().join("screen/Xvfb_screen0")
    }

    /// The folder with the logs of all processes.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    /// Every process of this desktop, and its program.
    #[must_use]
    pub fn processes(&self) -> Vec<(u32, PathBuf)> {
        at_home(&self.home())
    }

    /// The directory of the application's instance lock and socket.
    #[must_use]
    pub fn place(&self) -> InstanceDir {
        InstanceDir::new(self.home().join(".local/share"), IDENTIFIER)
    }

    /// The path of the application's settings file.
    #[must_use]
    pub fn settings_file(&self) -> PathBuf {
        self.home().join(".config").join(IDENTIFIER).join("settings.json")
    }

    /// Writes the application's settings file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_settings(&self, settings: &serde_json::Value) -> Result<()> {
        let file = self.settings_file();
        fs::create_dir_all(file.parent().context("no folder")?)?;
        Ok(fs::write(file, settings.to_string())?)
    }

    /// Starts the keychain service and unlocks it; stored entries are still there.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_keychain(&mut self) -> Result<()> {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        let process = Process::start_with_line(KEYCHAIN, command, KEYCHAIN_PASSWORD, &self.logs())?;
        self.keychain_comes_up(process)
    }

    /// Starts the keychain service and leaves it locked, without a prompt for its password.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_locked_keychain(&mut self) -> Result<()> {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        let process = Process::start(KEYCHAIN, command, &self.logs())?;
        self.keychain_comes_up(process)
    }

    fn keychain_comes_up(&mut self, process: Process) -> Result<()> {
        self.processes.insert(0, process);
        let mut wait = self.command("gdbus");
        wait.args(["wait", "--session", "--timeout", "30", "org.freedesktop.secrets"]);
        ensure!(wait.status()?.success(), "the keychain service does not come up");
        Ok(())
    }

    /// Starts a system bus, for programs that are started later.
    ///
    /// # Errors
    /// When it does not start.
    pub fn starts_system_bus(&mut self) -> Result<()> {
        let socket = self.folder.path().join("runtime/system-bus");
        let address = self.start_bus_at(&socket, Bus::Plain, "system-bus")?;
        self.set("DBUS_SYSTEM_BUS_ADDRESS", address);
        Ok(())
    }

    /// Runs a process until the desktop is dropped.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start_process(&mut self, name: &str, command: Command) -> Result<()> {
        let process = Process::start(name, command, &self.logs())?;
        self.processes.insert(0, process);
        Ok(())
    }

    /// Ends a process that [`Self::start_process`] has started.
    pub(crate) fn end(&mut self, name: &str) {
        self.processes.retain(|process| process.name() != name);
    }

    /// Starts the application without a driver.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn starts_application(&mut self) -> Result<()> {
        let program = self.command(crate::Application::program()?);
        self.start_process("latchkey", program)
    }

    /// Starts the application as the desktop does at login.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn starts_application_at_login(&mut self) -> Result<()> {
        let mut program = self.command(crate::Application::program()?);
        program.arg("--background");
        self.start_process("latchkey", program)
    }

    /// Whether a window of this class is visible.
    #[must_use]
    pub fn has_window(&self, class: &str) -> bool {
        let mut search = self.command("xdotool");
        search.args(["search", "--onlyvisible", "--class", class]);
        search.output().is_ok_and(|found| !found.stdout.is_empty())
    }

    /// A command that starts the application with a file system that this script mounts at its home, visible to the
    /// application only. The script gets the application's command as its arguments.
    ///
    /// # Errors
    /// When the program has not been built.
    pub fn application_after(&self, script: &str) -> Result<Command> {
        let mut command = self.command("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-ec"]);
        command.arg(format!("{script} \"$@\"")).arg("sh").arg(crate::Application::program()?);
        Ok(command)
    }

    /// A program that mounts a file system which never responds, and then executes another program.
    ///
    /// # Errors
    /// When there is no C compiler.
    pub fn hangs(&self) -> Result<PathBuf> {
        let (source, program) =
            (self.folder.path().join("hangs.c"), self.folder.path().join("hangs"));
        fs::write(&source, include_str!("hangs.c"))?;
        let mut compiler = self.command("cc");
        compiler.arg("-o").args([&program, &source]);
        ensure!(compiler.status()?.success(), "the C compiler failed");
        Ok(program)
    }

    /// Makes each launcher of web pages fail for programs that are started later, as without a browser. Returns the
    /// folder of these launchers: once it is removed, those of the system are found again.
    ///
    /// # Errors
    /// When the launchers cannot be written.
    pub fn opens_no_browser(&mut self) -> Result<PathBuf> {
        let folder = self.folder.path().join("launchers");
        fs::create_dir(&folder)?;
        for launcher in ["xdg-open", "gio", "gnome-open", "kde-open6", "kde-open5", "kde-open"] {
            let file = folder.join(launcher);
            // The exit status of xdg-open for "the action failed".
            fs::write(&file, "#!/bin/sh\nexit 4\n")?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
        }
        let path = std::env::var("PATH").unwrap_or_default();
        self.set("PATH", format!("{}:{path}", folder.display()));
        Ok(folder)
    }

    /// Starts all later programs on a Wayland compositor without the data-control protocol, whose screen is a window of
    /// this desktop, and without an X server.
    ///
    /// # Errors
    /// When there is no compositor.
    pub async fn goes_to_wayland(&mut self) -> Result<()> {
        let mut weston = self.command("weston");
        weston.args(["--backend=x11-backend.so", "--shell=kiosk-shell.so", "--no-config"]);
        weston.args(["--socket=wayland-test", "--fullscreen"]);
        self.start_process("weston", weston)?;
        let socket = self.folder.path().join("runtime/wayland-test");
        crate::until("the compositor", async || socket.exists().then_some(())).await?;
        self.set("WAYLAND_DISPLAY", "wayland-test");
        self.set("GDK_BACKEND", "wayland");
        self.outer = self.surroundings.0.remove("DISPLAY");
        Ok(())
    }

    /// Clicks at this position on the compositor's screen.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn clicks_on_wayland(&self, (x, y): (i64, i64)) -> Result<()> {
        let mut click = self.command("xdotool");
        click.env("DISPLAY", self.outer.as_deref().unwrap_or_default());
        click.args(["mousemove", &x.to_string(), &y.to_string()]);
        ensure!(click.args(["click", "1"]).status()?.success(), "nothing could be clicked");
        Ok(())
    }

    /// Makes a program the default for web pages.
    pub(crate) fn set_browser(&self, program: &Path) -> Result<()> {
        let applications = self.home().join(".local/share/applications");
        fs::write(
            applications.join("browser.desktop"),
            format!(
                "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\nMimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n",
                program.display()
            ),
        )?;
        fs::write(
            self.home().join(".config/mimeapps.list"),
            "[Default Applications]\nx-scheme-handler/http=browser.desktop\nx-scheme-handler/https=browser.desktop\ntext/html=browser.desktop\n",
        )?;
        Ok(())
    }

    fn set_up_folders(&mut self) -> Result<()> {
        let home = self.home();
        let runtime = self.folder.path().join("runtime");
        for folder in [".config", ".local/share/applications", ".cache"] {
            fs::create_dir_all(home.join(folder))?;
        }
        fs::create_dir_all(&runtime)?;
        fs::create_dir_all(self.logs())?;
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700))?;
        self.set("HOME", home.display().to_string());
        self.set("XDG_RUNTIME_DIR", runtime.display().to_string());
        self.set("XDG_CONFIG_HOME", home.join(".config").display().to_string());
        self.set("XDG_DATA_HOME", home.join(".local/share").display().to_string());
        self.set("XDG_CACHE_HOME", home.join(".cache").display().to_string());
        Ok(())
    }

    /// Compiles the locale for this desktop alone: few computers have it, and WebKit ignores locales that the C
    /// library does not have.
    fn install_locale(&mut self, locale: &str) -> Result<()> {
        let (language, charset) = locale.split_once('.').context("no charset in the locale")?;
        let folder = self.folder.path().join("locales");
        fs::create_dir_all(&folder)?;
        let mut command = self.command("localedef");
        command.args(["-i", language, "-f", charset]).arg(folder.join(locale));
        let made = command.output().context("localedef could not be started")?;
        ensure!(
            made.status.success(),
            "the locale {locale} could not be made: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        self.set("LOCPATH", folder.display().to_string());
        self.set("LANG", locale);
        self.set("LANGUAGE", language);
        Ok(())
    }

    fn start_screen(&mut self) -> Result<()> {
        let mut command = self.command("Xvfb");
        // The server chooses a free display number and prints it.
        command.args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
        let screen = self.folder.path().join("screen");
        fs::create_dir_all(&screen)?;
        command.arg("-fbdir").arg(screen);
        let number = |line: &str| line.parse::<u32>().ok().map(|number| format!(":{number}"));
        let (process, display) = Process::start_announced("xvfb", command, &self.logs(), number)?;
        self.processes.push(process);
        self.set("DISPLAY", display);
        Ok(())
    }

    /// Starts the session bus, at its previous address if there is one.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_bus(&mut self) -> Result<()> {
        let socket = self.folder.path().join("runtime/bus");
        if socket.exists() {
            fs::remove_file(&socket)?;
        }
        let address = self.start_bus_at(&socket, self.bus, BUS)?;
        self.set("DBUS_SESSION_BUS_ADDRESS", address);
        Ok(())
    }

    /// Starts a bus at this socket; returns its address.
    fn start_bus_at(&mut self, socket: &Path, bus: Bus, name: &str) -> Result<String> {
        let mut command = self.command("dbus-daemon");
        match bus {
            Bus::OfAUser => command.arg("--session"),
            Bus::Plain => {
                let config = self.folder.path().join("bus.conf");
                fs::write(&config, PLAIN_BUS)?;
                command.arg(format!("--config-file={}", config.display()))
            }
        };
        let address = format!("unix:path={}", socket.display());
        command.arg(format!("--address={address}")).args(["--nofork", "--print-address=1"]);
        let ready = |line: &str| line.starts_with("unix:").then(|| line.to_owned());
        let (process, _) = Process::start_announced(name, command, &self.logs(), ready)?;
        self.processes.insert(0, process);
        Ok(address)
    }
}
