//! C view of [`crate::iir`]. A state is a header, then the sections.

use super::{Status, slice, slice_mut, status};
use crate::iir::{self, COEFFICIENTS, IirSection};

#[repr(C)]
pub struct IirHeader {
    n_sections: usize,
}

/// Bytes that the state for so many coefficients takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_iir_size(n_coefficients: usize) -> usize {
    size_of::<IirHeader>() + n_coefficients / COEFFICIENTS * size_of::<IirSection>()
}

unsafe fn sections<'a>(state: *mut IirHeader) -> &'a mut [IirSection] {
    // SAFETY: the header is followed by as many sections as it says, for which any bytes are good.
    unsafe { slice_mut(state.add(1).cast(), (*state).n_sections) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_iir_init(state: *mut IirHeader, coefficients: *const f32, len: usize) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        state.write(IirHeader {
            n_sections: len / COEFFICIENTS,
        });
        status(iir::init(sections(state), slice(coefficients, len)))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_iir_run(state: *mut IirHeader, values: *mut f32, len: usize) {
    // SAFETY: the module's contract.
    unsafe { iir::run(sections(state), slice_mut(values, len)) }
}
