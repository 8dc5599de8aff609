//! C view of [`crate::arrayutils`], and its arrays.

use super::{Status, status};
use crate::arrayutils::{ArrayutilsMap, linear_map};
use core::{cell::Cell, marker::PhantomData};

/// An array whose type is known at run time only, one of `b B h H f` as in Python's `array`.
///
/// It begins like MicroPython's `mp_buffer_info_t`. Its items are cells, since an array may be mapped onto itself; they need
/// not be aligned.
#[repr(C)]
pub struct ArrayutilsItems<'a> {
    data: *const u8,
    bytes: usize,
    typecode: i32,
    array: PhantomData<&'a Cell<u8>>,
}

/// The size of a float.
const FLOAT: usize = 4;
/// What lower-case letters have and capitals have not.
const LOWER: u8 = 0x20;

impl<'a> ArrayutilsItems<'a> {
    /// The items that lie in `data`, in the order of the processor.
    pub fn new(data: &'a [Cell<u8>], typecode: u8) -> ArrayutilsItems<'a> {
        ArrayutilsItems {
            data: data.as_ptr().cast(),
            bytes: data.len(),
            typecode: typecode.into(),
            array: PhantomData,
        }
    }

    /// The size of an item, or 0; MicroPython's code for a bytearray is 1.
    #[inline(never)]
    fn item_size(&self) -> usize {
        match self.typecode as u8 | LOWER {
            b'h' => 2,
            b'f' => FLOAT,
            b'b' | 0x21 => 1,
            _ => 0,
        }
    }

    /// The value of the sign bit of an integer of this size, 0 if it has none; signed types are lower-case letters.
    fn sign(&self, size: usize) -> u32 {
        u32::from(self.typecode as u8 & LOWER).wrapping_shl(8 * size as u32 - 6)
    }

    fn len(&self, size: usize) -> usize {
        // The sizes 1, 2, 4 become the shifts 0, 1, 2.
        self.bytes >> (size >> 1)
    }
}

/// Two arrays of as many items, apart or in the same place.
pub(crate) struct Pair<'a> {
    input: &'a ArrayutilsItems<'a>,
    output: &'a ArrayutilsItems<'a>,
    in_size: usize,
    out_size: usize,
}

impl<'a> Pair<'a> {
    #[inline(always)]
    pub fn new(input: &'a ArrayutilsItems, output: &'a ArrayutilsItems) -> Option<Pair<'a>> {
        let (in_size, out_size) = (input.item_size(), output.item_size());
        let distance = output.data.addr().wrapping_sub(input.data.addr());
        if in_size == 0
            || out_size == 0
            || input.len(in_size) != output.len(out_size)
            || distance != 0 && (distance < input.bytes || distance.wrapping_neg() < output.bytes)
        {
            return None;
        }
        Some(Pair {
            input,
            output,
            in_size,
            out_size,
        })
    }

    /// The least and the greatest integer of the output; none, if it is of floats.
    #[inline(always)]
    pub fn limits(&self) -> Option<(f32, f32)> {
        let sign = self.output.sign(self.out_size) as i32;
        (self.out_size != FLOAT).then(|| (-sign as f32, ((1 << (8 * self.out_size)) - 1 - sign) as f32))
    }

    /// Gives the output what `f` makes of each item of the input, truncated if of integers, within whose limits it must be.
    #[inline(always)]
    pub fn each(&self, f: impl Fn(f32) -> f32) {
        let (in_size, out_size) = (self.in_size, self.out_size);
        let in_sign = self.input.sign(in_size);
        let (mut from, mut to) = (self.input.data, self.output.data.cast_mut());
        for _ in 0..self.input.len(in_size) {
            // SAFETY: both arrays have as many items, of these types, in cells that are alive.
            unsafe {
                store(to, out_size, f(load(from, in_size, in_sign)));
                from = from.add(in_size);
                to = to.add(out_size);
            }
        }
    }
}

unsafe fn load(item: *const u8, size: usize, sign: u32) -> f32 {
    // SAFETY: the caller's.
    unsafe {
        let value: u32 = match size {
            FLOAT => return item.cast::<f32>().read_unaligned(),
            1 => item.read().into(),
            _ => item.cast::<u16>().read_unaligned().into(),
        };
        (value ^ sign).wrapping_sub(sign) as i32 as f32
    }
}

unsafe fn store(item: *mut u8, size: usize, value: f32) {
    debug_assert!(size == FLOAT || value.abs() < 65536.0);
    // SAFETY: the caller's.
    unsafe {
        if size == FLOAT {
            return item.cast::<f32>().write_unaligned(value);
        }
        let value: i32 = value.to_int_unchecked();
        match size {
            1 => item.write(value as u8),
            _ => item.cast::<u16>().write_unaligned(value as u16),
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn eml_arrayutils_linear_map(map: &ArrayutilsMap) -> Status {
    status(linear_map(map))
}
