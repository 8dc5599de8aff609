//! The text format of trees models, read in blocks of any size.

use super::{Arrays, Model, TreesShape, record};
use crate::Error;

/// A number as it is read: `mantissa * 10^(exponent + power)`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct TreesDecimal {
    /// The first nine significant digits: more than float32 has.
    mantissa: i32,
    exponent: i32,
    /// The number behind an `e`.
    power: i32,
    started: bool,
    negative: bool,
    negative_power: bool,
    /// Some digit beyond the mantissa was not zero.
    inexact: bool,
    point: bool,
    has_power: bool,
}

const MANTISSA_LIMIT: i32 = 100_000_000;
const POWER_LIMIT: i32 = 1000;

impl TreesDecimal {
    /// Takes the next character; false if no number goes on like this.
    #[inline(never)]
    fn push(&mut self, byte: u8) -> bool {
        let digit = i32::from(byte) - i32::from(b'0');
        match byte {
            b'0'..=b'9' => {
                self.started = true;
                if self.has_power {
                    self.power = self.power * 10 + digit;
                } else if self.mantissa < MANTISSA_LIMIT {
                    self.mantissa = self.mantissa * 10 + digit;
                    self.exponent -= i32::from(self.point);
                } else {
                    self.inexact |= digit != 0;
                    self.exponent += i32::from(!self.point);
                }
                self.power < POWER_LIMIT && self.exponent.abs() < POWER_LIMIT
            }
            b'.' => !core::mem::replace(&mut self.point, true) && !self.has_power,
            b'e' => core::mem::take(&mut self.started) && !core::mem::replace(&mut self.has_power, true),
            b'-' => {
                *(if self.has_power {
                    &mut self.negative_power
                } else {
                    &mut self.negative
                }) = true;
                !self.started
            }
            b'+' => !self.started,
            _ => false,
        }
    }

    /// The largest integer not above the number, or something beyond int16 where that is.
    #[inline(never)]
    fn floor(&self) -> i32 {
        let exponent = self.exponent + if self.negative_power { -self.power } else { self.power };
        let mut value = self.mantissa;
        let mut inexact = self.inexact;
        for _ in 0..exponent.abs().min(9) {
            if exponent < 0 {
                inexact |= value % 10 != 0;
                value /= 10;
            } else {
                value = value.saturating_mul(10);
            }
        }
        if self.negative { -value - i32::from(inexact) } else { value }
    }

    /// The float32 next to the number, within one unit in the last place where its power of ten is at most 10.
    fn to_f32(self) -> f32 {
        let exponent = self.exponent + if self.negative_power { -self.power } else { self.power };
        let mut power = 1.0;
        for _ in 0..exponent.abs().min(39) {
            power *= 10.0;
        }
        let value = (if self.negative { -self.mantissa } else { self.mantissa }) as f32;
        if exponent < 0 { value / power } else { value * power }
    }
}

/// A load in progress: [`TreesLoader::start`], then [`TreesLoader::feed`] until an empty text ends it.
///
/// Until then the model stays empty.
#[repr(C)]
#[derive(Default)]
pub struct TreesLoader {
    /// The model's shape when the load has finished.
    shape: TreesShape,
    number: TreesDecimal,
    fields: [i32; 4],
    /// Numbers read in this line.
    n_fields: u32,
    /// The line's name, its last character lowest.
    name: u32,
    named: bool,
    in_number: bool,
    /// Inside brackets a line goes on.
    in_list: bool,
    /// Size in bytes of the leaf array that the model must have.
    pub leaf_bytes: u32,
}

impl TreesLoader {
    /// Reads on, and returns how much of `text` was used. If not all was, the model needs `needed` bytes of
    /// leaves before the rest can be fed. An empty text ends the load: the model is valid, or as it was.
    pub fn feed(&mut self, model: &mut Model, mut text: &[u8]) -> Result<usize, Error> {
        let shape = &mut model.header.shape;
        // The caller may have used the model since.
        if (shape.n_trees | shape.n_nodes | shape.n_leaves) != 0 {
            return Err(Error::NOT_EMPTY);
        }
        let end = text.is_empty();
        if end {
            text = b"\n";
        }
        for (used, &byte) in text.iter().enumerate() {
            if self.name == record::LEAF && self.leaf_bytes as usize > model.arrays.leaves.len() {
                return Ok(used);
            }
            self.push(&mut model.arrays, byte)?;
            if byte == b'\n' {
                self.leaf_bytes = self.shape.leaf_size() * model.header.max_leaves;
            }
        }
        if end {
            self.shape.validate()?;
            model.header.shape = self.shape;
        }
        Ok(text.len())
    }

    #[inline(never)]
    fn push(&mut self, arrays: &mut Arrays, byte: u8) -> Result<(), Error> {
        let separator = matches!(byte, b'\n' | b' ' | b'\r' | b',' | b'[' | b']');
        if !separator {
            if !self.named {
                self.name = self.name << 8 | u32::from(byte);
            } else if self.name != 0 {
                self.in_number = true;
                if !self.number.push(byte) {
                    return Err(Error::MALFORMED);
                }
            }
            return Ok(());
        }
        self.named = true;
        if core::mem::take(&mut self.in_number) {
            self.field(arrays)?;
            self.number = TreesDecimal::default();
        }
        self.in_list = (self.in_list | (byte == b'[')) & (byte != b']');
        if byte == b'\n' {
            self.shape.place += 1;
            if !self.in_list {
                self.record(arrays)?;
                (self.named, self.name, self.n_fields) = (false, 0, 0);
            }
        }
        Ok(())
    }

    /// Takes the number that has just ended.
    #[inline(never)]
    fn field(&mut self, arrays: &mut Arrays) -> Result<(), Error> {
        let field = self.n_fields;
        self.n_fields += 1;
        let number = self.number.floor();
        if self.name == record::LEAF && self.shape.leaf_bits != 0 {
            let index = self.shape.n_leaves * self.shape.leaf_size() + field;
            let (bits, width) = if self.shape.leaf_bits == 32 {
                (self.number.to_f32().to_bits(), 4)
            } else {
                (number as u32, 1)
            };
            let leaf = arrays.leaves.get_mut(index as usize..).unwrap_or_default();
            if width == 1 && bits > 255 {
                return Err(Error::MALFORMED);
            }
            for (slot, byte) in leaf.iter_mut().take(width).zip(bits.to_le_bytes()) {
                *slot = byte;
            }
        } else if let Some(slot) = self.fields.get_mut(field as usize) {
            *slot = number;
        }
        Ok(())
    }

    /// Takes the line that has just ended.
    #[inline(never)]
    fn record(&mut self, arrays: &mut Arrays) -> Result<(), Error> {
        let mut expected = 1;
        match self.name {
            0 => return Ok(()),
            record::NODE => expected = 4,
            record::LEAF if self.shape.leaf_bits != 0 => {
                self.shape.n_leaves += 1;
                if self.shape.leaf_bits != 32 {
                    expected = self.shape.n_outputs;
                }
            }
            _ => {}
        }
        if self.n_fields != expected {
            return Err(Error::MALFORMED);
        }
        if self.name == record::LEAF && self.shape.leaf_bits != 0 {
            return Ok(());
        }
        arrays.add(&mut self.shape, self.name, &self.fields)
    }
}
