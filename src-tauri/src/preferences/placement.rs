//! The window's placement: where it was, and where it opens again.

use serde_json::{Map, Value, json};

/// An upper bound on the size of a screen.
const MAX_SIDE: f64 = 32_768.0;

/// The last known placement of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Placement {
    /// Width and height of its content in logical pixels, where it is known.
    pub size: Option<(f64, f64)>,
    /// The position of its frame in physical pixels, where the desktop reports it: Wayland does not.
    pub corner: Option<(i32, i32)>,
    /// Whether it was maximized. The other values are those before that.
    pub maximized: bool,
}

/// The work area of a monitor, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screen {
    /// Its upper left corner.
    pub corner: (i32, i32),
    /// Its width and height.
    pub size: (u32, u32),
    /// Physical pixels per logical pixel.
    pub scale: f64,
}

/// The sizes of `tauri.conf.json`, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizes {
    /// The size of a window without a stored placement.
    pub usual: (f64, f64),
    /// The minimum.
    pub minimum: (f64, f64),
}

/// The placement with which the window is opened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opening {
    /// Width and height of its content in logical pixels.
    pub size: (f64, f64),
    /// The position in physical pixels; without it the desktop chooses.
    pub corner: Option<(i32, i32)>,
    /// Whether it is maximized.
    pub maximized: bool,
    /// Physical pixels per logical pixel on its screen.
    pub scale: f64,
}

impl Opening {
    /// Its position in logical pixels.
    #[must_use]
    pub fn logical_corner(&self) -> Option<(f64, f64)> {
        self.corner.map(|(x, y)| (f64::from(x) / self.scale, f64::from(y) / self.scale))
    }
}

impl Placement {
    /// The placement in the file's object. Invalid values are ignored.
    #[must_use]
    pub fn of(object: &Map<String, Value>) -> Self {
        let Some(window) = object.get("window") else { return Self::default() };
        let number = |name| window.get(name).and_then(Value::as_f64).map(f64::round);
        let side = |name| number(name).filter(|side| (1.0..=MAX_SIDE).contains(side));
        Self {
            size: side("width").zip(side("height")),
            corner: number("x").and_then(whole).zip(number("y").and_then(whole)),
            maximized: window.get("maximized").and_then(Value::as_bool).unwrap_or_default(),
        }
    }

    /// The members for the file. Unknown values are omitted, so that the file's own stay.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        let mut window = Map::new();
        let whole_number = |value: f64| json!(whole(value.round()));
        if let Some((width, height)) = self.size {
            window.insert("width".to_owned(), whole_number(width));
            window.insert("height".to_owned(), whole_number(height));
        }
        if let Some((x, y)) = self.corner {
            window.insert("x".to_owned(), json!(x));
            window.insert("y".to_owned(), json!(y));
        }
        window.insert("maximized".to_owned(), json!(self.maximized));
        Map::from_iter([("window".to_owned(), Value::Object(window))])
    }

    /// The placement for these screens, the primary one first: the stored position, if the window overlaps one of them,
    /// moved completely onto that one; never smaller than the minimum, and not larger than the screen unless the
    /// minimum is.
    #[must_use]
    pub fn opening(&self, screens: &[Screen], sizes: Sizes) -> Opening {
        let (width, height) = self.size.unwrap_or(sizes.usual);
        let there = self.corner.and_then(|corner| {
            screens
                .iter()
                .map(|screen| (screen.shared_area(corner, (width, height)), screen))
                .filter(|(area, _)| *area > 0.0)
                .max_by(|(one, _), (other, _)| one.total_cmp(other))
                .map(|(_, screen)| (corner, screen))
        });
        let on = there.map(|(_, screen)| screen).or(screens.first());
        let scale = on.map_or(1.0, Screen::scale);
        let most = on.map_or((MAX_SIDE, MAX_SIDE), |on| {
            (f64::from(on.size.0) / scale, f64::from(on.size.1) / scale)
        });
        let size = (
            width.min(most.0).max(sizes.minimum.0).round(),
            height.min(most.1).max(sizes.minimum.1).round(),
        );
        let corner = there.map(|(corner, screen)| screen.moved_inside(corner, size));
        Opening { size, corner, maximized: self.maximized, scale }
    }
}

impl Screen {
    fn scale(&self) -> f64 {
        if self.scale.is_finite() && self.scale > 0.0 { self.scale } else { 1.0 }
    }

    /// The area of the screen that a window with this position and logical size overlaps.
    fn shared_area(&self, corner: (i32, i32), size: (f64, f64)) -> f64 {
        let shared = |start: i32, length: f64, from: i32, side: u32| {
            let end =
                (f64::from(start) + length * self.scale()).min(f64::from(from) + f64::from(side));
            (end - f64::from(start.max(from))).max(0.0)
        };
        shared(corner.0, size.0, self.corner.0, self.size.0)
            * shared(corner.1, size.1, self.corner.1, self.size.1)
    }

    /// The nearest position at which the window is completely on the screen, or begins on it where it is too large.
    fn moved_inside(&self, corner: (i32, i32), size: (f64, f64)) -> (i32, i32) {
        let inside = |start: i32, length: f64, from: i32, side: u32| {
            let last = f64::from(from) + f64::from(side) - length * self.scale();
            whole(f64::from(start).min(last).max(f64::from(from)).round()).unwrap_or(from)
        };
        (
            inside(corner.0, size.0, self.corner.0, self.size.0),
            inside(corner.1, size.1, self.corner.1, self.size.1),
        )
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn whole(value: f64) -> Option<i32> {
    (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value).then_some(value as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { usual: (440.0, 660.0), minimum: (360.0, 480.0) };
    const LEFT: Screen = Screen { corner: (0, 0), size: (1920, 1080), scale: 1.0 };
    const RIGHT: Screen = Screen { corner: (1920, 0), size: (2560, 1440), scale: 2.0 };

    fn at(corner: (i32, i32), size: (f64, f64)) -> Placement {
        Placement { size: Some(size), corner: Some(corner), maximized: false }
    }

    #[test]
    fn placement_on_a_present_screen_is_restored() {
        let opening = at((100, 50), (600.0, 700.0)).opening(&[LEFT, RIGHT], SIZES);
        let expected =
            Opening { size: (600.0, 700.0), corner: Some((100, 50)), maximized: false, scale: 1.0 };
        assert_eq!(opening, expected);
        let opening = at((2000, 10), (600.0, 700.0)).opening(&[LEFT, RIGHT], SIZES);
        assert_eq!((opening.size, opening.corner), ((600.0, 700.0), Some((2000, 10))));
    }

    #[test]
    fn placement_on_an_absent_screen_restores_the_size_alone() {
        for corner in [(2000, 50), (-700, 0), (0, -800), (0, 1080), (i32::MAX, i32::MIN)] {
            let opening = at(corner, (600.0, 700.0)).opening(&[LEFT], SIZES);
            assert_eq!((opening.size, opening.corner), ((600.0, 700.0), None), "{corner:?}");
        }
        let opening = at((10, 10), (600.0, 700.0)).opening(&[], SIZES);
        assert_eq!((opening.size, opening.corner), ((600.0, 700.0), None));
    }

    #[test]
    fn placement_partly_on_a_screen_is_moved_onto_it() {
        for (corner, expected) in [
            ((-300, -20), (0, 0)),
            ((1700, 900), (1320, 380)),
            ((1319, 380), (1319, 380)),
            ((-7, 0), (0, 0)),
        ] {
            let opening = at(corner, (600.0, 700.0)).opening(&[LEFT], SIZES);
            assert_eq!(opening.corner, Some(expected), "{corner:?}");
        }
        // The right screen has the larger part.
        let opening = at((1800, 0), (600.0, 700.0)).opening(&[LEFT, RIGHT], SIZES);
        assert_eq!(opening.corner, Some((1920, 0)));
    }

    #[test]
    fn window_size_is_clamped_to_the_minimum_and_the_screen() {
        for (saved, expected) in [
            ((1.0, 1.0), (360.0, 480.0)),
            ((359.0, 700.0), (360.0, 700.0)),
            ((9000.0, 9000.0), (1920.0, 1080.0)),
        ] {
            let opening = at((0, 0), saved).opening(&[LEFT], SIZES);
            assert_eq!((opening.size, opening.corner), (expected, Some((0, 0))));
            let elsewhere = at((-20_000, 0), saved).opening(&[LEFT], SIZES);
            assert_eq!(elsewhere.size, expected, "the main screen counts");
        }
        let opening = at((2000, 0), (9000.0, 9000.0)).opening(&[LEFT, RIGHT], SIZES);
        assert_eq!(opening.size, (1280.0, 720.0), "in its logical pixels");
        let small = Screen { size: (320, 240), ..LEFT };
        let opening = at((50, 50), (600.0, 700.0)).opening(&[small], SIZES);
        assert_eq!((opening.size, opening.corner), (SIZES.minimum, Some((0, 0))));
        let broken = Screen { scale: 0.0, ..LEFT };
        assert_eq!(at((0, 0), (600.0, 700.0)).opening(&[broken], SIZES).size, (600.0, 700.0));
    }

    #[test]
    fn window_logical_corner_is_scaled_by_its_screen() {
        let fine = Screen { scale: 2.0, ..LEFT };
        let opening = at((100, 50), (400.0, 500.0)).opening(&[fine], SIZES);
        assert_eq!(opening.logical_corner(), Some((50.0, 25.0)));
    }

    #[test]
    fn window_without_a_placement_opens_in_the_usual_size() {
        let opening = Placement::default().opening(&[LEFT], SIZES);
        let expected = Opening { size: SIZES.usual, corner: None, maximized: false, scale: 1.0 };
        assert_eq!(opening, expected);
    }

    #[test]
    fn maximized_window_opens_maximized_with_its_former_size() {
        let placement = Placement { maximized: true, ..at((100, 50), (600.0, 700.0)) };
        let opening = placement.opening(&[LEFT], SIZES);
        let expected =
            Opening { size: (600.0, 700.0), corner: Some((100, 50)), maximized: true, scale: 1.0 };
        assert_eq!(opening, expected);
    }

    #[test]
    fn placement_round_trips_through_its_members() {
        for placement in [
            at((-7, 30), (441.0, 660.0)),
            Placement { maximized: true, ..Placement::default() },
            Placement { size: Some((500.0, 600.0)), ..Placement::default() },
        ] {
            assert_eq!(Placement::of(&placement.members()), placement);
        }
        assert!(Placement::default().members()["window"].get("width").is_none());
    }

    #[test]
    fn placement_members_of_no_use_are_ignored() {
        for window in [
            json!(null),
            json!(7),
            json!([1, 2]),
            json!({"width": "wide", "height": 500, "x": 1}),
            json!({"width": -1, "height": 500, "x": 1e300, "y": 1}),
            json!({"width": 0, "height": 1e300, "y": 1, "maximized": "yes"}),
        ] {
            let object = Map::from_iter([("window".to_owned(), window)]);
            assert_eq!(Placement::of(&object), Placement::default(), "{object:?}");
        }
    }
}
