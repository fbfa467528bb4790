//! The numeric types that binary files store, and how each becomes an `f32` or a label.

use crate::labels::Number;

/// A numeric type as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl Element {
    /// Bytes of one value.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Appends the values in `bytes` as `f32`. A finite `f64` beyond the range of `f32` becomes infinite.
    pub(crate) fn append_f32(self, order: ByteOrder, bytes: &[u8], out: &mut Vec<f32>) {
        match self {
            Self::Bool => append::<Boolean>(order, bytes, out),
            Self::I8 => append::<i8>(order, bytes, out),
            Self::U8 => append::<u8>(order, bytes, out),
            Self::I16 => append::<i16>(order, bytes, out),
            Self::U16 => append::<u16>(order, bytes, out),
            Self::I32 => append::<i32>(order, bytes, out),
            Self::U32 => append::<u32>(order, bytes, out),
            Self::I64 => append::<i64>(order, bytes, out),
            Self::U64 => append::<u64>(order, bytes, out),
            Self::F16 => append::<Half>(order, bytes, out),
            Self::F32 => append::<f32>(order, bytes, out),
            Self::F64 => append::<f64>(order, bytes, out),
        }
    }

    /// Whether some of its values are not exact in `f32`.
    pub(crate) fn is_wide(self) -> bool {
        matches!(self, Self::I32 | Self::U32 | Self::I64 | Self::U64 | Self::F64)
    }

    /// Calls `each` with the values in `bytes` as `f64`, in order.
    pub(crate) fn for_each_f64(self, order: ByteOrder, bytes: &[u8], each: impl FnMut(f64)) {
        match self {
            Self::Bool => doubles::<Boolean>(order, bytes, each),
            Self::I8 => doubles::<i8>(order, bytes, each),
            Self::U8 => doubles::<u8>(order, bytes, each),
            Self::I16 => doubles::<i16>(order, bytes, each),
            Self::U16 => doubles::<u16>(order, bytes, each),
            Self::I32 => doubles::<i32>(order, bytes, each),
            Self::U32 => doubles::<u32>(order, bytes, each),
            Self::I64 => doubles::<i64>(order, bytes, each),
            Self::U64 => doubles::<u64>(order, bytes, each),
            Self::F16 => doubles::<Half>(order, bytes, each),
            Self::F32 => doubles::<f32>(order, bytes, each),
            Self::F64 => doubles::<f64>(order, bytes, each),
        }
    }

    /// The value in `bytes`, which are as many as [`Element::size`] says. NaN and infinities come as [`Number::Real`].
    pub(crate) fn number(self, order: ByteOrder, bytes: &[u8]) -> Number {
        match self {
            Self::Bool => decode::<Boolean>(order, bytes).number(),
            Self::I8 => decode::<i8>(order, bytes).number(),
            Self::U8 => decode::<u8>(order, bytes).number(),
            Self::I16 => decode::<i16>(order, bytes).number(),
            Self::U16 => decode::<u16>(order, bytes).number(),
            Self::I32 => decode::<i32>(order, bytes).number(),
            Self::U32 => decode::<u32>(order, bytes).number(),
            Self::I64 => decode::<i64>(order, bytes).number(),
            Self::U64 => decode::<u64>(order, bytes).number(),
            Self::F16 => decode::<Half>(order, bytes).number(),
            Self::F32 => decode::<f32>(order, bytes).number(),
            Self::F64 => decode::<f64>(order, bytes).number(),
        }
    }

    /// The first finite value in `bytes` beyond the range of `f32`, with its place among them.
    pub(crate) fn beyond_f32(self, order: ByteOrder, bytes: &[u8]) -> Option<(usize, f64)> {
        if self != Self::F64 {
            return None;
        }
        bytes
            .chunks_exact(8)
            .map(|value| decode::<f64>(order, value))
            .enumerate()
            .find(|(_, value)| value.is_finite() && !(*value as f32).is_finite())
    }
}

/// A type that a file stores.
trait Stored: Copy {
    fn from_le(bytes: &[u8]) -> Self;
    fn from_be(bytes: &[u8]) -> Self;
    fn single(self) -> f32;
    fn double(self) -> f64;
    fn number(self) -> Number;
}

fn append<T: Stored>(order: ByteOrder, bytes: &[u8], out: &mut Vec<f32>) {
    let values = bytes.chunks_exact(size_of::<T>());
    match order {
        ByteOrder::Little => out.extend(values.map(|value| T::from_le(value).single())),
        ByteOrder::Big => out.extend(values.map(|value| T::from_be(value).single())),
    }
}

fn doubles<T: Stored>(order: ByteOrder, bytes: &[u8], each: impl FnMut(f64)) {
    bytes.chunks_exact(size_of::<T>()).map(|value| decode::<T>(order, value).double()).for_each(each);
}

fn decode<T: Stored>(order: ByteOrder, bytes: &[u8]) -> T {
    match order {
        ByteOrder::Little => T::from_le(bytes),
        ByteOrder::Big => T::from_be(bytes),
    }
}

/// The bytes of one value; zeros if they were too few, which the callers' arithmetic rules out.
fn exactly<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

macro_rules! stored_integers {
    ($($type:ty),*) => {$(
        impl Stored for $type {
            #[inline]
            fn from_le(bytes: &[u8]) -> Self {
                Self::from_le_bytes(exactly(bytes))
            }
            #[inline]
            fn from_be(bytes: &[u8]) -> Self {
                Self::from_be_bytes(exactly(bytes))
            }
            #[inline]
            fn single(self) -> f32 {
                self as f32
            }
            #[inline]
            fn double(self) -> f64 {
                self as f64
            }
            fn number(self) -> Number {
                Number::Integer(self.into())
            }
        }
    )*};
}

stored_integers!(i8, u8, i16, u16, i32, u32, i64, u64);

macro_rules! stored_reals {
    ($($type:ty),*) => {$(
        impl Stored for $type {
            #[inline]
            fn from_le(bytes: &[u8]) -> Self {
                Self::from_le_bytes(exactly(bytes))
            }
            #[inline]
            fn from_be(bytes: &[u8]) -> Self {
                Self::from_be_bytes(exactly(bytes))
            }
            #[inline]
            fn single(self) -> f32 {
                self as f32
            }
            #[inline]
            fn double(self) -> f64 {
                self as f64
            }
            // By way of the shortest decimal, so that the `f32` 0.1 is called 0.1 and not 0.10000000149.
            fn number(self) -> Number {
                Number::Real(self.to_string().parse().unwrap_or(f64::NAN))
            }
        }
    )*};
}

stored_reals!(f32, f64);

/// numpy's `bool`: any byte but 0 is true, that is 1.
#[derive(Clone, Copy)]
struct Boolean(u8);

impl Stored for Boolean {
    #[inline]
    fn from_le(bytes: &[u8]) -> Self {
        let [byte] = exactly(bytes);
        Self(u8::from(byte != 0))
    }
    #[inline]
    fn from_be(bytes: &[u8]) -> Self {
        Self::from_le(bytes)
    }
    #[inline]
    fn single(self) -> f32 {
        self.0.into()
    }
    #[inline]
    fn double(self) -> f64 {
        self.0.into()
    }
    fn number(self) -> Number {
        Number::Integer(self.0.into())
    }
}

/// IEEE 754 binary16: 1 bit of sign, 5 of exponent with bias 15, 10 of fraction.
#[derive(Clone, Copy)]
struct Half(u16);

impl Stored for Half {
    #[inline]
    fn from_le(bytes: &[u8]) -> Self {
        Self(u16::from_le_bytes(exactly(bytes)))
    }
    #[inline]
    fn from_be(bytes: &[u8]) -> Self {
        Self(u16::from_be_bytes(exactly(bytes)))
    }
    #[inline]
    fn single(self) -> f32 {
        let sign = u32::from(self.0 >> 15) << 31;
        let exponent = u32::from(self.0 >> 10) & 0x1f;
        let fraction = u32::from(self.0) & 0x3ff;
        match exponent {
            // Zero and the subnormals: multiples of 2^-24, exact in f32.
            0 => f32::from_bits((fraction as f32 * 2.0_f32.powi(-24)).to_bits() | sign),
            0x1f => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
            _ => f32::from_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13),
        }
    }
    #[inline]
    fn double(self) -> f64 {
        self.single().into()
    }
    fn number(self) -> Number {
        self.single().number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_exact() {
        let cases: [(u16, f32); 9] = [
            (0x0000, 0.0),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x3555, 0.333_251_95),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0xfc00, f32::NEG_INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(Half(bits).single(), value, "{bits:#06x}");
        }
        assert!(Half(0x7e00).single().is_nan());
        assert!(Half(0x8000).single().is_sign_negative());
    }

    #[test]
    fn a_single_precision_label_keeps_its_decimal() {
        assert_eq!(0.1_f32.number().to_string(), "0.1");
        assert_eq!(3.0_f64.number().to_string(), "3");
    }

    #[test]
    fn only_finite_doubles_can_be_beyond_range() {
        let bytes: Vec<u8> =
            [1.0, f64::INFINITY, -1e39, 1e300].iter().flat_map(|v: &f64| v.to_be_bytes()).collect();
        assert_eq!(Element::F64.beyond_f32(ByteOrder::Big, &bytes), Some((2, -1e39)));
        assert_eq!(Element::U64.beyond_f32(ByteOrder::Big, &bytes), None);
    }
}
