//! A code as a picture (QR, ISO/IEC 18004), drawn as one path in the page itself.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Light cells around the code: what the standard asks for.
const QUIET_CELLS: usize = 4;

/// A picture for the page.
pub(super) struct Picture {
    /// Width and height, in cells.
    pub(super) cells: usize,
    /// The dark cells, as the path of an SVG.
    pub(super) path: String,
}

impl Picture {
    /// The picture of a text; none when it is too long for one.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (number, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (number % width + QUIET_CELLS, number / width + QUIET_CELLS);
                write!(path, "M{x} {y}h1v1h-1z").expect("writing to a String does not fail");
            }
        }
        Some(Self {
            cells: width + 2 * QUIET_CELLS,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_26_characters_fits_a_small_picture() {
        let picture = Picture::of("ABCDEFGH23456789ABCDEFGH23").expect("it fits");
        // Version 2 has 25 cells a side; its first finder pattern begins in the corner.
        assert_eq!(picture.cells, 25 + 2 * QUIET_CELLS);
        assert!(picture.path.starts_with("M4 4h1v1h-1zM5 4"));
        assert!(Picture::of(&"x".repeat(5000)).is_none());
    }
}
