//! A process with the main loop of GTK and no window: what a process of the toolkit costs that does nothing.

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    gtk::init()?;
    gtk::main();
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {}
