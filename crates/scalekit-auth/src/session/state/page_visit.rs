//! The visit of a hosted page of the environment.

use crate::session::event::Operation;

/// The hosted page that is being opened, and whether the user is visiting one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageVisit {
    opening: Option<Operation>,
    visit: Visit,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Visit {
    #[default]
    None,
    /// The user is visiting one, as far as it is known.
    Away,
    /// The user has returned, and tokens with the possible changes have not been requested yet.
    Back,
}

impl PageVisit {
    /// A page is being opened.
    pub(crate) fn opening(&mut self, operation: Operation) {
        self.opening = Some(operation);
    }

    /// The page of this operation was opened or has failed. Returns whether it is the one that is being opened.
    pub(crate) fn opened(&mut self, operation: Operation, is_open: bool) -> bool {
        let is_this = self.opening.take_if(|opening| *opening == operation).is_some();
        if is_this && is_open {
            self.visit = Visit::Away;
        }
        is_this
    }

    /// The user has returned to the window.
    pub(crate) fn return_from(&mut self) {
        if self.visit == Visit::Away {
            self.visit = Visit::Back;
        }
    }

    /// Whether a refresh is due after a visit.
    pub(crate) fn needs_refresh(self) -> bool {
        self.visit == Visit::Back
    }

    /// A refresh begins. One that was sent before the return does not count.
    pub(crate) fn refresh_begins(&mut self) {
        if self.visit == Visit::Back {
            self.visit = Visit::None;
        }
    }
}

#[cfg(feature = "testing")]
impl PageVisit {
    pub(crate) fn project(self, onto: &mut crate::session::projection::Projection<'_>) {
        match self.visit {
            Visit::None => {}
            Visit::Away => onto.word(format_args!("away")),
            Visit::Back => onto.word(format_args!("back")),
        }
        onto.maybe(self.opening);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_visit_needs_one_refresh_after_the_return() {
        let mut page = PageVisit::default();
        page.opening(Operation(1));
        page.return_from();
        assert!(!page.needs_refresh(), "the page is not open yet");
        assert!(page.opened(Operation(1), true));
        page.refresh_begins();
        assert!(!page.needs_refresh());
        page.return_from();
        assert!(page.needs_refresh());
        page.refresh_begins();
        assert!(!page.needs_refresh());
        page.return_from();
        assert!(!page.needs_refresh());
    }

    #[test]
    fn page_visit_begins_with_the_page_that_is_opened_last() {
        let mut page = PageVisit::default();
        page.opening(Operation(1));
        page.opening(Operation(2));
        assert!(!page.opened(Operation(1), true));
        assert!(page.opened(Operation(2), false), "it has failed");
        assert!(!page.opened(Operation(2), true), "it is reported once");
        page.return_from();
        assert!(!page.needs_refresh());
    }
}
