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

// An item type has the largest integer in its upper half, and in the lower:
/// the size of an item,
const SIZE: u32 = 7;
/// the value of an integer's sign bit.
const SIGN: u32 = 0x8080;
/// A float has a size only.
const FLOAT: u32 = 4;

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

    /// What the typecode means; MicroPython's code for a bytearray is 1.
    #[inline(never)]
    fn item_type(&self) -> u32 {
        match self.typecode as u8 {
            b'h' => 0x7fff_8002,
            b'f' => FLOAT,
            b'b' => 0x007f_0081,
            b'H' => 0xffff_0002,
            b'B' | 1 => 0x00ff_0001,
            _ => 0,
        }
    }

    fn len(&self, size: u32) -> usize {
        // The sizes 1, 2, 4 become the shifts 0, 1, 2.
        self.bytes >> (size >> 1)
    }
}

/// Two arrays of as many items, apart or in the same place.
pub(crate) struct Pair<'a> {
    input: &'a ArrayutilsItems<'a>,
    output: &'a ArrayutilsItems<'a>,
    in_type: u32,
    out_type: u32,
}

impl<'a> Pair<'a> {
    #[inline(always)]
    pub fn new(input: &'a ArrayutilsItems, output: &'a ArrayutilsItems) -> Option<Pair<'a>> {
        let (in_type, out_type) = (input.item_type(), output.item_type());
        let distance = output.data.addr().wrapping_sub(input.data.addr());
        if in_type == 0
            || out_type == 0
            || input.len(in_type & SIZE) != output.len(out_type & SIZE)
            || distance != 0 && (distance < input.bytes || distance.wrapping_neg() < output.bytes)
        {
            return None;
        }
        Some(Pair {
            input,
            output,
            in_type,
            out_type,
        })
    }

    /// The least and the greatest integer of the output; none, if it is of floats.
    #[inline(always)]
    pub fn limits(&self) -> Option<(f32, f32)> {
        let type_ = self.out_type;
        (type_ & SIZE != FLOAT).then(|| (-((type_ & SIGN) as i32) as f32, (type_ >> 16) as i32 as f32))
    }

    /// Gives the output what `f` makes of each item of the input, truncated if of integers, within whose limits it must be.
    #[inline(always)]
    pub fn each(&self, f: impl Fn(f32) -> f32) {
        let (in_size, out_size) = (self.in_type & SIZE, self.out_type & SIZE);
        let (mut from, mut to) = (self.input.data, self.output.data.cast_mut());
        for _ in 0..self.input.len(in_size) {
            // SAFETY: both arrays have as many items, of these types, in cells that are alive.
            unsafe {
                store(to, out_size, f(load(from, in_size, self.in_type & SIGN)));
                from = from.add(in_size as usize);
                to = to.add(out_size as usize);
            }
        }
    }
}

unsafe fn load(item: *const u8, size: u32, sign: u32) -> f32 {
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

unsafe fn store(item: *mut u8, size: u32, value: f32) {
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
