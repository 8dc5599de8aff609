//! C view of [`crate::arrayutils`].

use super::{Status, status};
use crate::arrayutils::{ArrayutilsMap, linear_map};

#[unsafe(no_mangle)]
pub extern "C" fn eml_arrayutils_linear_map(map: &ArrayutilsMap) -> Status {
    status(linear_map(map))
}
