//! The arguments that this process was started with.

use zeroize::Zeroizing;

use crate::{
    instance::{activation_token, with_activation_token},
    link_argument::link_among,
    scheme::{ProbeReceipts, is_probe_link},
};

/// The arguments of this process, its name first, and the scheme of the application's links, if there is one.
pub struct StartArguments {
    arguments: Vec<String>,
    scheme: Option<String>,
}

impl StartArguments {
    /// Those of this process.
    #[must_use]
    pub fn of_this_process(scheme: Option<String>) -> Self {
        let arguments = std::env::args_os().map(|one| one.to_string_lossy().into_owned());
        Self { arguments: arguments.collect(), scheme }
    }

    /// The link that this process was started with.
    #[must_use]
    pub fn link(&self) -> Option<Zeroizing<Vec<u8>>> {
        link_among(&self.arguments, self.scheme.as_deref()?)
    }

    /// Whether this process was started with a probe link, of any process.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        let scheme = self.scheme.as_deref();
        scheme.zip(self.link()).is_some_and(|(scheme, link)| is_probe_link(&link, scheme))
    }

    /// Acknowledges the probe link of a command line, if this process was started with one.
    #[must_use]
    pub fn acknowledge_probe(&self, receipts: &ProbeReceipts) -> bool {
        let scheme = self.scheme.as_deref();
        scheme.zip(self.link()).is_some_and(|(scheme, link)| receipts.acknowledge(&link, scheme))
    }

    /// What a second instance forwards: the program's name with the desktop's activation token, and a link if there is
    /// one. The primary instance ignores other arguments.
    #[must_use]
    pub fn forwarded(&self) -> Vec<String> {
        with_activation_token(self.name_and_link(), activation_token().as_deref())
    }

    fn name_and_link(&self) -> Vec<String> {
        let mut arguments = self.arguments.clone();
        if self.link().is_none() {
            arguments.truncate(1);
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded_of(arguments: &[&str]) -> Vec<String> {
        let arguments = arguments.iter().map(|one| (*one).to_owned()).collect();
        StartArguments { arguments, scheme: Some("com.acme.tool".to_owned()) }.name_and_link()
    }

    // req: B14
    #[test]
    fn second_instance_forwards_a_link_and_no_options() {
        let link = "com.acme.tool://callback?code=1";
        assert_eq!(forwarded_of(&["tool", link]), ["tool", link]);
        for arguments in [&["tool", "--inspect"][..], &["tool", "--inspect", link], &["tool"]] {
            assert_eq!(forwarded_of(arguments), ["tool"]);
        }
    }
}
