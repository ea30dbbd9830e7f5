//! Rounding, by a mode that the program names.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Number;

/// How a number is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest; a half to the even neighbour: 2.5 is 2, 3.5 is 4.
    HalfEven,
    /// To the nearest; a half away from 0: 2.5 is 3, -2.5 is -3.
    HalfUp,
    /// Towards 0.
    Down,
    /// Away from 0.
    Up,
    /// To the lower neighbour: -1.2 is -2.
    Floor,
    /// To the higher neighbour: 1.2 is 2.
    Ceiling,
}

impl Number {
    /// Rounded to so many decimals, 0 to 12. `None` when the number is too large for that.
    pub fn rounded(self, decimals: u8, mode: Rounding) -> Option<Self> {
        let scale = 10_i128.checked_pow(u32::from(decimals.min(12)))?;
        // Reduced first, so that a large number with the decimals already is not refused.
        let scaled = self.times(Self { over: scale, under: 1 })?;
        let (over, under) = scaled.parts();
        let low = over.div_euclid(under);
        let rest = over.rem_euclid(under);
        let half = rest.checked_mul(2)?.cmp(&under);
        let up = rest != 0
            && match mode {
                Rounding::Floor => false,
                Rounding::Ceiling => true,
                Rounding::Down => over < 0,
                Rounding::Up => over > 0,
                Rounding::HalfUp => half.is_gt() || half.is_eq() && over > 0,
                Rounding::HalfEven => half.is_gt() || half.is_eq() && low.rem_euclid(2) == 1,
            };
        Self::fraction(low.checked_add(i128::from(up))?, scale)
    }
}
