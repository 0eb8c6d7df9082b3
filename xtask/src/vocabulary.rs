//! Checks that sources and documents do not use rejected words of CONTRIBUTING.md, and the names of tests.

use std::fs;

use crate::{
    requirements,
    steps::{program, root, stdout_of},
};

/// Each is rejected as a word and as a part of an identifier: `HTTP_PATIENCE` and `renewNow` contain one.
const WORDS: &[&str] = &[
    "breakage",
    "desk",
    "desks",
    "forgets",
    "forgotten",
    "happening",
    "happenings",
    "pace",
    "patience",
    "people",
    "person",
    "persons",
    "renew",
    "renewal",
    "renewals",
    "renewed",
    "renewing",
    "renews",
    "somebody",
    "stories",
    "story",
    "stranger",
    "strangers",
    "tells",
    "trouble",
    "troubles",
    "whoever",
    "whomever",
    "wish",
    "wishes",
];

/// Rejected in [`FOLDERS`] only: the crates have sentences for users, in which these words have their ordinary meaning.
const WORDS_OF_FOLDERS: &[&str] = &[
    "answer",
    "answered",
    "answering",
    "answers",
    "asked",
    "asks",
    "house",
    "kept",
    "said",
    "says",
    "strange",
    "tell",
    "telling",
    "told",
];

/// The folders, and documents, of [`WORDS_OF_FOLDERS`].
const FOLDERS: &[&str] = &[
    ".github/",
    "README.md",
    "SECURITY.md",
    "bench/",
    "deny.toml",
    "docs/",
    "examples/",
    "src-tauri/",
    "tests/",
    "ui/",
    "xtask/",
];

/// Rejected prefixes of words.
const BEGINNINGS: &[&str] = &["believ", "judg", "misbehav", "weaken"];

/// Rejected prefixes of constants.
const CONSTANTS: &[&str] = &["LARGEST_", "LONGEST_", "MOST_", "SHORTEST_"];

/// Exceptions: a file or folder, the word in it, and the reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("xtask/src/vocabulary.rs", "", "the list itself"),
    ("ui/src/languages/", "", "sentences that users read"),
    ("src-tauri/src/texts/languages.rs", "", "generated from these"),
    ("crates/scalekit-auth/src/problem/code.rs", "", "sentences that users read"),
    ("crates/tauri-plugin-scalekit/guest-js/problems.en.json", "", "generated from these"),
    ("CHANGELOG.md", "renew", "a name that was replaced"),
    ("CHANGELOG.md", "renewal", "a name that was replaced"),
    ("CHANGELOG.md", "trouble", "a name that was replaced"),
    ("src-tauri/src/startup/arguments.rs", "says", "a sentence that users read"),
    ("src-tauri/src/startup/data_folder.rs", "answer", "quotes a sentence"),
    ("src-tauri/src/resource/reports.rs", "answer", "a name of `SendError`"),
    ("src-tauri/src/settings/file.rs", "answer", "quotes a sentence"),
    ("src-tauri/src/presence/tray_texts.rs", "asks", "a key of the sentences"),
    ("tests/chaos/instance.rs", "answer", "quotes a sentence"),
    ("tests/mutants/written/conformance.toml", "answer", "a name of `ProblemCode`"),
    ("tests/src/application.rs", "renew", "quotes a sentence"),
    ("tests/src/demo.rs", "renew", "quotes a sentence"),
    ("tests/whole_application/desktop.rs", "answer", "quotes a sentence"),
    ("tests/whole_application/invitations.rs", "asked", "quotes a sentence"),
    ("tests/whole_application/invitations.rs", "asks", "quotes a sentence"),
    ("tests/whole_application/screen_reader.rs", "asks", "quotes a sentence"),
    ("tests/whole_application/self_check.rs", "answers", "quotes a sentence"),
    ("tests/whole_application/", "renew", "quotes a sentence"),
    ("tests/whole_application/", "renewed", "quotes a sentence"),
    ("tests/whole_application/", "renews", "quotes a sentence"),
    ("ui/preview/scenes.ts", "answers", "a name of `FindingCode`"),
    ("ui/src/lib/problem-kinds.ts", "answer", "a name of `ProblemCode`"),
    ("ui/tests/clock.svelte.test.ts", "renews", "quotes a sentence"),
    ("ui/tests/faults.test.ts", "answer", "quotes a sentence"),
    ("ui/tests/faults.test.ts", "asked", "quotes a sentence"),
    ("ui/tests/faults.test.ts", "asks", "quotes a sentence"),
    ("ui/tests/faults.test.ts", "renew", "quotes a sentence"),
    ("ui/tests/faults.test.ts", "renewed", "quotes a sentence"),
    ("ui/tests/invitation.test.ts", "asks", "quotes a sentence"),
    ("ui/tests/reports.test.ts", "renew", "quotes a sentence"),
    ("ui/tests/reports.test.ts", "renewed", "quotes a sentence"),
    ("ui/tests/session.test.ts", "renew", "quotes a sentence"),
    ("ui/tests/session.test.ts", "renewed", "quotes a sentence"),
    ("ui/tests/views.test.ts", "asks", "quotes a sentence"),
    ("ui/tests/views.test.ts", "renew", "quotes a sentence"),
    ("ui/tests/views.test.ts", "renewed", "quotes a sentence"),
    ("ui/tests/views.test.ts", "renewing", "quotes a sentence"),
    ("ui/tests/views.test.ts", "said", "quotes a sentence"),
    ("ui/tests/views.test.ts", "told", "quotes a sentence"),
    ("ui/tests/ways.test.ts", "asks", "quotes a sentence"),
    ("crates/scalekit-auth/src/storage/tombstones.rs", "person", "stored on disk"),
];

/// Files that are not written here, or that record the data of others.
const FOREIGN: &[&str] =
    &["supply-chain/", "fuzz/corpus/", "crates/scalekit-auth/tests/recorded/", "package-lock.json"];

const ENDINGS: &[&str] =
    &[".css", ".html", ".js", ".json", ".md", ".py", ".rs", ".svelte", ".toml", ".ts", ".yml"];

const MAX_NAME_LEN: usize = 60;

/// A test's name does not begin with a pronoun, an article or a conjunction.
const NOT_FIRST: &[&str] = &[
    "a", "an", "it", "its", "nobody", "no_one", "nothing", "of", "or", "that", "the", "what",
    "when", "where", "whoever",
];

#[test]
fn sources_and_documents_use_the_vocabulary() {
    let mut list = program("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    let files = stdout_of(list.current_dir(root())).unwrap();
    let mut found = Vec::new();
    let mut used = vec![false; ALLOWED.len()];
    let own = |file: &&str| {
        ENDINGS.iter().any(|ending| file.ends_with(ending))
            && !FOREIGN.iter().any(|foreign| file.starts_with(foreign) || file.ends_with(foreign))
    };
    for file in files.lines().filter(own) {
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            for word in words_out(file, checked_part(file, line)) {
                let allowed = |(place, allowed, _): &(&str, &str, &str)| {
                    file.starts_with(place) && (allowed.is_empty() || *allowed == word)
                };
                match ALLOWED.iter().position(allowed) {
                    Some(at) => used[at] = true,
                    None => found.push(format!("{file}:{}: {word}", number + 1)),
                }
            }
        }
    }
    assert!(found.is_empty(), "words that are out (CONTRIBUTING.md):\n{}", found.join("\n"));
    let unused = ALLOWED.iter().zip(used).filter(|(_, used)| !used);
    let unused: Vec<_> = unused.map(|(allowed, _)| allowed).collect();
    assert!(unused.is_empty(), "allowed and not there: {unused:?}");
}

/// The line without the right column of the vocabulary table.
fn checked_part<'a>(file: &str, line: &'a str) -> &'a str {
    let is_table = file == "CONTRIBUTING.md" && line.starts_with("| ");
    if is_table { line.rsplit_once(" | ").map_or(line, |(checked, _)| checked) } else { line }
}

/// The rejected words of this line.
fn words_out(file: &str, line: &str) -> Vec<String> {
    let in_folder = FOLDERS.iter().any(|folder| file.starts_with(folder));
    let parts = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let constants = parts.clone().filter(|part| part.chars().all(|c| !c.is_lowercase()));
    let constant = |part: &str| CONSTANTS.iter().find(|out| part.contains(*out));
    let constants = constants.filter_map(constant).map(|out| (*out).to_owned());
    let words = parts.flat_map(|part| part.split('_')).flat_map(words_of);
    let is_out = |word: &String| {
        WORDS.contains(&word.as_str())
            || in_folder && WORDS_OF_FOLDERS.contains(&word.as_str())
            || BEGINNINGS.iter().any(|out| word.starts_with(out))
    };
    constants.chain(words.filter(is_out)).collect()
}

/// The words of an identifier: `renewNow` is `renew` and `now`.
fn words_of(part: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in part.chars() {
        if c.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[test]
fn vocabulary_finds_words_in_prose_and_identifiers() {
    for line in ["a stranger's link", "HTTP_PATIENCE", "renewNow", "to Misbehave", "MOST_KEYS"] {
        assert_eq!(words_out("crates/a/src/b.rs", line).len(), 1, "{line}");
    }
    for line in ["a desktop", "--persona=x", "at_most_3", "personal", "REFRESH_MOST"] {
        assert!(words_out("xtask/src/a.rs", line).is_empty(), "{line}");
    }
    assert_eq!(checked_part("CONTRIBUTING.md", "| user | person, people |"), "| user");
}

#[test]
fn vocabulary_of_folders_leaves_sentences_of_users_alone() {
    for line in ["the answer", "let said = 1;", "SAID", "fn is_told()", "NoAnswer"] {
        assert_eq!(words_out("tests/src/a.rs", line).len(), 1, "{line}");
        assert!(words_out("crates/a/src/b.rs", line).is_empty(), "{line}");
    }
}

#[test]
fn test_names_are_short_and_begin_with_their_subject() {
    let cases: Vec<_> = requirements::cases().map(|case| case.replace('-', "_")).collect();
    let wrong = |name: &str| {
        let first =
            |out: &&&str| name.strip_prefix(**out).is_some_and(|rest| rest.starts_with('_'));
        name.len() > MAX_NAME_LEN || NOT_FIRST.iter().any(|out| first(&out))
    };
    assert!(wrong("a_link_is_rejected") && !wrong("access_token_is_opaque"));
    let tests = requirements::markers::tests(root()).unwrap().into_iter();
    let tests =
        tests.filter(|test| !test.name.starts_with("ui: ") && !cases.contains(&test.function));
    let wrong: Vec<_> = tests.filter(|test| wrong(&test.function)).map(|test| test.name).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An identifier outside of backticks is often the result of a mechanical renaming.
#[test]
fn comments_mark_identifiers_as_code() {
    let mut list = program("git", &["ls-files", "*.rs"]);
    let files = stdout_of(list.current_dir(root())).unwrap();
    let mut found = Vec::new();
    for file in files.lines() {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        let mut is_example = false;
        for (number, line) in text.lines().enumerate() {
            let Some(comment) = line.trim_start().strip_prefix("//") else {
                is_example = false;
                continue;
            };
            let comment = comment.trim_start_matches(['/', '!']);
            if comment.trim_start().starts_with("```") {
                is_example = !is_example;
            } else if !is_example {
                let of = |word| format!("{file}:{}: {word}", number + 1);
                found.extend(unmarked(comment).map(of));
            }
        }
    }
    assert!(found.is_empty(), "identifiers in sentences:\n{}", found.join("\n"));
}

/// The identifiers of several words outside of backticks. Paths and URLs are none.
fn unmarked(comment: &str) -> impl Iterator<Item = &str> {
    let outside = comment.split('`').step_by(2);
    let words = outside.flat_map(|text| text.split([' ', ',', ';', '(', ')', '"']));
    words.map(|word| word.trim_end_matches(['.', ':', '?', '!', '\''])).filter(|word| {
        word.trim_matches('_').contains('_')
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    })
}

#[test]
fn unmarked_identifiers_are_found_outside_of_code_only() {
    let found: Vec<_> =
        unmarked("until it is drain_phase, see `kept_at` and RFC_1 or a/b_c").collect();
    assert_eq!(found, ["drain_phase"]);
}
