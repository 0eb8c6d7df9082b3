//! Debian's and Ubuntu's packages.

use std::{collections::HashSet, process::Command};

use anyhow::{Context, Result};

use super::For;
use crate::steps::{program, stdout_of};

/// The window, its icons, the clipboard; <https://v2.tauri.app/start/prerequisites/>.
const BUILDING: &[&str] = &[
    "build-essential",
    "file",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "pkg-config",
];

/// Programs that an application uses on a desktop.
const RUNNING: &[&str] = &["desktop-file-utils", "libglib2.0-bin", "xdg-utils"];

/// The parts of a virtual desktop, and programs that operate and inspect it.
const VIRTUAL_DESKTOP: &[&str] = &[
    "at-spi2-core",
    "dbus",
    "dunst",
    "fonts-dejavu-core",
    "fonts-noto-core",
    "gnome-keyring",
    "imagemagick",
    "iproute2",
    "keepassxc",
    "libsecret-tools",
    "locales",
    "openbox",
    "orca",
    "python3-venv",
    "webkit2gtk-driver",
    "weston",
    "wl-clipboard",
    "wmctrl",
    "x11-utils",
    "xauth",
    "xclip",
    "xdotool",
    "xfce4-panel",
    "xfconf",
    "xvfb",
];

/// KDE's proxy settings and PAC scripts for libproxy before 0.5, which includes both.
const LIBPROXY_PLUGINS: &[&str] =
    &["libkf5config-bin", "libproxy1-plugin-kconfig", "libproxy1-plugin-webkit"];

/// On Ubuntu these install a snap, which cannot access a test's folders.
const BROWSER: &[&str] = &["chromium", "chromium-driver"];

/// `bsdtar`, which reads deb and rpm.
const BUNDLING: &[&str] = &["libarchive-tools"];

/// The fonts of the pictures of views, which `ui/preview/fonts.css` names.
const FONTS: &[&str] = &["fonts-noto-cjk", "fonts-noto-core", "fonts-noto-mono"];

/// WebKitGTK with a browser, its driver, and a screen for them.
const WEBKIT: &[&str] = &["libwebkit2gtk-4.1-0", "webkit2gtk-driver", "xvfb"];

/// The packages for these purposes, without duplicates.
pub fn needed(purposes: &[For]) -> Vec<&'static str> {
    let mut needed = Vec::new();
    for purpose in purposes {
        match purpose {
            For::Building => needed.extend([BUILDING, RUNNING].concat()),
            For::VirtualDesktop if has_chrome() => needed.extend(VIRTUAL_DESKTOP),
            For::VirtualDesktop => needed.extend([VIRTUAL_DESKTOP, BROWSER].concat()),
            For::Bundling => needed.extend(BUNDLING),
            For::Gallery if has_chrome() => needed.extend([FONTS, WEBKIT].concat()),
            For::Gallery => needed.extend([FONTS, WEBKIT, BROWSER].concat()),
            For::Linting => {}
        }
    }
    if purposes.contains(&For::VirtualDesktop) && has_old_libproxy() {
        needed.extend(LIBPROXY_PLUGINS);
    }
    let mut seen = HashSet::new();
    needed.retain(|package| seen.insert(*package));
    needed
}

/// Whether this is Debian 12.
fn has_old_libproxy() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "VERSION_CODENAME=bookworm")
}

/// Whether this system has apt.
pub fn is_there() -> bool {
    stdout_of(&mut program("apt-get", &["--version"])).is_some()
}

/// The packages that are not installed.
pub fn missing(needed: &[&'static str]) -> Result<Vec<&'static str>> {
    // The exit code is 1 when a package is unknown.
    let output = program("dpkg-query", &["-W", "-f=${db:Status-Status} ${Package}\\n"])
        .args(needed)
        .output()
        .context("dpkg-query could not be started")?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let installed: HashSet<_> =
        listed.lines().filter_map(|line| line.strip_prefix("installed ")).collect();
    Ok(needed.iter().copied().filter(|package| !installed.contains(package)).collect())
}

/// The commands that install them.
pub fn installation(missing: &[&str]) -> [Command; 2] {
    let apt_get = |arguments: &[&str]| {
        if is_root() {
            program("apt-get", arguments)
        } else {
            let mut command = program("sudo", &["apt-get"]);
            command.args(arguments);
            command
        }
    };
    let mut install = apt_get(&["install", "--yes", "--no-install-recommends"]);
    install.args(missing);
    [apt_get(&["update"]), install].map(|mut command| {
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    })
}

fn is_root() -> bool {
    stdout_of(&mut program("id", &["-u"])).is_some_and(|id| id == "0")
}

/// Whether Google Chrome and its driver are installed, as on hosted runners.
fn has_chrome() -> bool {
    let there = |name| stdout_of(&mut program(name, &["--version"])).is_some();
    there("google-chrome") && there("chromedriver")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_reports_uninstalled_package_as_missing() {
        let missing = missing(&["no-such-package-anywhere"]);
        if is_there() {
            assert_eq!(missing.unwrap(), ["no-such-package-anywhere"]);
        }
    }

    #[test]
    fn apt_package_for_two_purposes_is_needed_once() {
        let needed = needed(&[For::VirtualDesktop, For::Gallery]);
        let fonts = needed.iter().filter(|package| **package == "fonts-noto-core");
        assert_eq!(fonts.count(), 1);
    }

    #[test]
    fn apt_install_lists_packages_without_recommends() {
        let [_, install] = installation(&["xvfb", "dbus"]);
        let words: Vec<_> = install.get_args().map(|word| word.to_string_lossy()).collect();
        assert!(words.ends_with(&["--no-install-recommends".into(), "xvfb".into(), "dbus".into()]));
    }
}
