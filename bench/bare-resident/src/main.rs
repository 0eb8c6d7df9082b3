//! A process with GTK's main loop and no window: the minimal cost of an idle process with the toolkit.

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    gtk::init()?;
    gtk::main();
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {}
