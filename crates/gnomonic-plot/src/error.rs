//! Why a picture was refused, said so that a user can mend it.

use std::fmt;

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a picture was refused. The message names the value, the bound and the remedy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A name that is none of the known ones.
    UnknownName {
        /// What was named, such as `palette`.
        what: &'static str,
        /// The name given.
        name: String,
        /// The known name most like it, if one is like it at all.
        nearest: Option<&'static str>,
        /// All known names.
        known: &'static [&'static str],
    },
    /// A parameter is outside its bounds.
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// The value given.
        value: String,
        /// What is allowed, as in `must be positive and finite`.
        bound: &'static str,
    },
    /// The picture would have more pixels than the bound allows.
    TooManyPixels {
        /// Width in pixels.
        width: f64,
        /// Height in pixels.
        height: f64,
    },
    /// The system has no memory for the pixels.
    NoMemory {
        /// Bytes that are needed.
        bytes: u64,
    },
    /// The discs would cover more pixels than the bound allows.
    TooMuchPaint {
        /// How many discs there are.
        n_points: usize,
        /// The pixels that they cover, each disc counted by itself.
        paint: f64,
    },
    /// Two inputs that go together differ in length.
    LengthMismatch {
        /// What was counted, such as `classes`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A coordinate is NaN or infinite.
    NonFinite {
        /// The point, counted from zero.
        point: usize,
        /// The value.
        value: f32,
    },
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownName { what, name, nearest, known } => {
                write!(f, "unknown {what} '{name}'")?;
                if let Some(nearest) = nearest {
                    write!(f, "; did you mean '{nearest}'?")?;
                }
                write!(f, " (known: {})", known.join(", "))
            }
            Self::Parameter { name, value, bound } => write!(f, "{name} is {value}; it {bound}"),
            Self::TooManyPixels { width, height } => write!(
                f,
                "the picture would be {width} x {height} pixels; at most {} a side and {} million in all are drawn: \
                 lower the dpi or the size",
                crate::figure::MAX_SIDE,
                crate::figure::MAX_PIXELS / 1e6
            ),
            Self::NoMemory { bytes } => write!(
                f,
                "the picture takes {bytes} bytes of memory while it is drawn, which the system refuses: lower the dpi or the \
                 size"
            ),
            Self::TooMuchPaint { n_points, paint } => write!(
                f,
                "{n_points} discs would cover {} million pixels, each counted by itself; at most {} million are drawn: \
                 lower the area or the dpi",
                (paint / 1e6).round(),
                crate::figure::MAX_PAINT / 1e6
            ),
            Self::LengthMismatch { what, found, expected } => {
                write!(f, "{found} {what} for {expected}; there must be one for each")
            }
            Self::NonFinite { point, value } => write!(
                f,
                "point {} has the coordinate {value}; a picture needs finite numbers: leave such points out",
                point + 1
            ),
        }
    }
}
