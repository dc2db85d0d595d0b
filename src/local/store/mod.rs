pub(crate) mod integrity;
pub(crate) mod memory;
pub(crate) mod records;
