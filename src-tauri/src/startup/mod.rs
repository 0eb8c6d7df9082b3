//! What is decided before there is a window: the arguments, the log, the folders, and the errors that end the start.

pub mod arguments;
pub mod data_folder;
pub mod error;
pub mod logging;
pub mod privileges;
