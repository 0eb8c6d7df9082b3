//! A search for secrets in everything a test leaves behind, in all usual encodings.

use std::{
    collections::HashMap,
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
};

use anyhow::{Context, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE};

/// The minimum length of a secret; a shorter one would be found by chance.
const MIN_LEN: usize = 16;

/// The number of bytes of a process's memory that are searched at once.
const PIECE: usize = 4 * 1024 * 1024;

/// Secrets to look for.
#[derive(Default)]
pub struct Canaries {
    names: Vec<String>,
    forms: Vec<Vec<u8>>,
    by_beginning: HashMap<u32, Vec<usize>>,
    /// A bit set of the first three bytes of all forms, which rules out almost all positions.
    beginnings: Vec<u64>,
}

/// The places with a secret, and the secret's name.
pub type Findings = Vec<String>;

impl Canaries {
    /// Adds a secret with a name that may be printed.
    ///
    /// # Panics
    /// When it is shorter than the minimum length.
    pub fn add(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= MIN_LEN, "{name} is too short to be looked for");
        self.beginnings.resize(1 << 18, 0);
        for (form, bytes) in forms(secret) {
            let beginning = beginning(&bytes);
            self.beginnings[beginning as usize / 64] |= 1 << (beginning % 64);
            self.by_beginning.entry(beginning).or_default().push(self.forms.len());
            self.names.push(format!("{name}, {form}"));
            self.forms.push(bytes);
        }
    }

    /// Adds a JSON Web Token: its claims in pieces, so that a truncated token is found too, and its signature.
    ///
    /// # Errors
    /// When it is no such token.
    pub fn add_token(&mut self, name: &str, token: &str) -> Result<()> {
        let mut parts = token.split('.').skip(1);
        let claims = parts.next().context("no claims")?;
        self.add(&format!("{name} (signature)"), parts.next().context("no signature")?);
        // The claims of two tokens may begin equally; the window's own texts do not.
        for (number, piece) in claims.as_bytes().chunks_exact(48).take(4).enumerate() {
            self.add(&format!("{name} (claims {number})"), std::str::from_utf8(piece)?);
        }
        Ok(())
    }

    /// The number of forms of all secrets.
    #[must_use]
    pub fn count(&self) -> usize {
        self.forms.len()
    }

    /// The secrets in these bytes.
    #[must_use]
    pub fn found_in(&self, place: &str, bytes: &[u8]) -> Findings {
        let mut found: Vec<usize> = Vec::new();
        let mut at = 0;
        // Plain, so that it is fast without optimisation: it goes through whole processes.
        while at + 2 < bytes.len() {
            let beginning = beginning(&bytes[at..]);
            if self.beginnings[(beginning / 64) as usize] & (1 << (beginning % 64)) != 0 {
                let candidates = self.by_beginning.get(&beginning).into_iter().flatten().copied();
                found.extend(candidates.filter(|one| bytes[at..].starts_with(&self.forms[*one])));
            }
            at += 1;
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|one| format!("{} in {place}", self.names[one])).collect()
    }

    /// The secrets below a folder, in files and file names. Paths that contain one of `passed_over` are skipped.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn found_below(&self, folder: &Path, passed_over: &[&str]) -> Result<Findings> {
        let mut findings = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.display().to_string();
            let metadata = fs::symlink_metadata(&path);
            if passed_over.iter().any(|one| name.contains(one)) {
                continue;
            }
            findings.extend(self.found_in("a file's name", name.as_bytes()));
            match metadata {
                Ok(metadata) if metadata.is_dir() => {
                    findings.extend(self.found_below(&path, passed_over)?);
                }
                // A file that was removed meanwhile is skipped.
                Ok(metadata) if metadata.is_file() => {
                    let bytes = fs::read(&path).unwrap_or_default();
                    findings.extend(self.found_in(&name, &bytes));
                }
                Ok(_) | Err(_) => {}
            }
        }
        Ok(findings)
    }

    /// The secrets in the arguments and the environment variables of a process.
    #[must_use]
    pub fn found_at_start_of(&self, process: u32) -> Findings {
        let mut findings = Vec::new();
        for what in ["cmdline", "environ"] {
            let place = format!("/proc/{process}/{what}");
            let bytes = fs::read(&place).unwrap_or_default();
            findings.extend(self.found_in(&place, &bytes));
        }
        findings
    }

    /// The secrets in all writable memory of a process, which a dump would contain.
    ///
    /// # Errors
    /// When the process has ended or its memory is not readable.
    pub fn found_in_memory_of(&self, process: u32) -> Result<Findings> {
        let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
        let memory = File::open(format!("/proc/{process}/mem"))?;
        let pages = File::open(format!("/proc/{process}/pagemap"))?;
        let overlap = self.forms.iter().map(Vec::len).max().unwrap_or_default();
        let mut findings = Vec::new();
        for (from, to, name) in maps.lines().filter_map(writable) {
            for (from, to) in resident(&pages, from, to) {
                let mut at = from;
                while at < to {
                    let mut bytes = vec![0; usize::try_from(to - at)?.min(PIECE)];
                    // Memory that the process has unmapped meanwhile cannot be read.
                    let read = read_at(&memory, &mut bytes, at);
                    let place = format!("the memory of {process}, {at:x} {name}");
                    findings.extend(self.found_in(&place, &bytes[..read]));
                    // A secret across two pieces is found in the second one.
                    let last = bytes.len() < PIECE;
                    let step = if last { bytes.len() } else { PIECE - overlap };
                    at += u64::try_from(step)?;
                }
            }
        }
        Ok(findings)
    }
}

fn beginning(bytes: &[u8]) -> u32 {
    u32::from(bytes[0]) | u32::from(bytes[1]) << 8 | u32::from(bytes[2]) << 16
}

/// The parts of a range that have been used: a webview reserves gigabytes. Bit 63 or 62 of an entry means that
/// the page is in memory or swapped out (`pagemap` in the kernel's documentation).
fn resident(pages: &File, from: u64, to: u64) -> Vec<(u64, u64)> {
    const PAGE: u64 = 4096;
    let count = usize::try_from((to - from) / PAGE).unwrap_or_default();
    let mut entries = vec![0; count * 8];
    let read = read_at(pages, &mut entries, from / PAGE * 8);
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for (number, entry) in entries[..read].chunks_exact(8).enumerate() {
        if entry[7] >> 6 == 0 {
            continue;
        }
        let at = from + number as u64 * PAGE;
        match ranges.last_mut() {
            Some((_, end)) if *end == at => *end = at + PAGE,
            _ => ranges.push((at, at + PAGE)),
        }
    }
    ranges
}

fn read_at(file: &File, bytes: &mut [u8], at: u64) -> usize {
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], at + read as u64) {
            Ok(0) | Err(_) => break,
            Ok(more) => read += more,
        }
    }
    read
}

/// The range in a line of `/proc/…/maps`, if it is writable.
fn writable(line: &str) -> Option<(u64, u64, &str)> {
    let mut columns = line.split_whitespace();
    let (from, to) = columns.next()?.split_once('-')?;
    let access = columns.next()?;
    let name = columns.nth(3).unwrap_or("");
    let numbers = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
    (access.starts_with("rw") && !name.starts_with("[v")).then_some((numbers.0, numbers.1, name))
}

/// The encodings in which programs write bytes.
fn forms(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let each = |write: &dyn Fn(&u8) -> String, between: &str| {
        bytes.iter().map(write).collect::<Vec<_>>().join(between).into_bytes()
    };
    let mut forms = vec![
        ("plain", bytes.to_vec()),
        ("in UTF-16", bytes.iter().flat_map(|byte| [*byte, 0]).collect()),
        ("in hex", each(&|byte| format!("{byte:02x}"), "")),
        ("in HEX", each(&|byte| format!("{byte:02X}"), "")),
        ("percent-encoded", each(&|byte| format!("%{byte:02X}"), "")),
        ("percent-encoded in lower case", each(&|byte| format!("%{byte:02x}"), "")),
        ("as numbers", each(&u8::to_string, ", ")),
        ("as numbers without spaces", each(&u8::to_string, ",")),
    ];
    // Within a longer text it may begin at any of the three positions of a base64 group; characters that also
    // encode neighbouring bytes are omitted.
    for before in 0..3 {
        let text = [vec![0; before], bytes.to_vec()].concat();
        let inner = |encoded: String| {
            let from = if before == 0 { 0 } else { before + 1 };
            let to = text.len() * 8 / 6;
            encoded.as_bytes()[from..to].to_vec()
        };
        forms.push(("in base64", inner(BASE64_STANDARD.encode(&text))));
        forms.push(("in base64url", inner(BASE64_URL_SAFE.encode(&text))));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "4f-Zq_canary~that>sings?1234";

    fn canaries() -> Canaries {
        let mut canaries = Canaries::default();
        canaries.add("the canary", SECRET);
        canaries
    }

    /// Texts that a program which leaks the secret might write.
    fn leaks() -> Vec<String> {
        let list = format!("{:?}", SECRET.as_bytes());
        let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        let encoded: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut leaks = vec![
            SECRET.to_owned(),
            list.replace(' ', ""),
            list,
            hex.to_uppercase(),
            hex,
            encoded.to_lowercase(),
            encoded,
            BASE64_STANDARD.encode(SECRET),
            BASE64_URL_SAFE.encode(SECRET),
        ];
        for before in ["", "a", "ab", "abc", "{\"token\":\""] {
            leaks.push(BASE64_STANDARD.encode(format!("{before}{SECRET}\"}}")));
            leaks.push(BASE64_URL_SAFE.encode(format!("{before}{SECRET}xyz")));
        }
        leaks
    }

    // req: L1
    #[test]
    fn canary_is_found_in_every_encoding_and_in_file_names() {
        for leak in leaks() {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("logs/deep/down.log");
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, format!("10:00 INFO nothing to see [{leak}] at all\n")).unwrap();
            let found = canaries().found_below(folder.path(), &[]).unwrap();
            assert!(!found.is_empty(), "{leak}");
            assert!(found.iter().all(|one| one.starts_with("the canary, ")));
            assert!(canaries().found_below(folder.path(), &["deep"]).unwrap().is_empty());
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("innocent"), "10:00 INFO 4f-Zq_canary is a bird").unwrap();
        assert!(canaries().found_below(folder.path(), &[]).unwrap().is_empty());
        fs::write(folder.path().join(SECRET), "").unwrap();
        assert_eq!(canaries().found_below(folder.path(), &[]).unwrap().len(), 1);
    }

    #[test]
    fn canary_in_utf_16_is_found() {
        let bytes: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(canaries().found_in("a place", &bytes).len(), 1);
    }

    #[test]
    fn canary_in_process_memory_and_environ_is_found() {
        let mut child = std::process::Command::new("cat")
            .env("LEAK", SECRET)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let canaries = canaries();
        let found = canaries.found_at_start_of(child.id());
        assert_eq!(found.len(), 1, "in its variables: {found:?}");
        assert!(!canaries.found_in_memory_of(child.id()).unwrap().is_empty());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
