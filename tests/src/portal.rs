//! A desktop portal with the parts that the application uses. The real one needs a complete desktop.

use std::fs::File;

use anyhow::{Context, Result};
use zbus::{
    Connection, connection, fdo, interface,
    message::Header,
    object_server::SignalEmitter,
    zvariant::{OwnedValue, Value},
};

use crate::Desktop;

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const APPEARANCE: (&str, &str) = ("org.freedesktop.appearance", "color-scheme");

/// A running portal.
pub struct Portal(Connection);

struct Settings {
    scheme: u32,
}

#[interface(name = "org.freedesktop.portal.Settings")]
impl Settings {
    async fn read(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &Connection,
        namespace: &str,
        key: &str,
    ) -> fdo::Result<OwnedValue> {
        is_seen_through(bus, &header).await?;
        if (namespace, key) != APPEARANCE {
            return Err(fdo::Error::Failed("Requested options not found".to_owned()));
        }
        let scheme = Value::Value(Box::new(Value::from(self.scheme)));
        OwnedValue::try_from(scheme).map_err(|why| fdo::Error::Failed(why.to_string()))
    }

    #[zbus(signal)]
    async fn setting_changed(
        emitter: &SignalEmitter<'_>,
        namespace: &str,
        key: &str,
        value: Value<'_>,
    ) -> zbus::Result<()>;
}

/// Fails if the caller's process cannot be examined: the portal checks whether a caller is in a sandbox.
async fn is_seen_through(bus: &Connection, header: &Header<'_>) -> fdo::Result<()> {
    let nobody = || fdo::Error::Failed("the caller has no name".to_owned());
    let sender = header.sender().ok_or_else(nobody)?.to_owned();
    let daemon = fdo::DBusProxy::new(bus).await?;
    let process = daemon.get_connection_unix_process_id(sender.into()).await?;
    File::open(format!("/proc/{process}/root")).map(drop).map_err(|why| {
        fdo::Error::AccessDenied(format!("Unable to open /proc/{process}/root: {why}"))
    })
}

impl Portal {
    /// Starts a portal whose user prefers dark colours.
    ///
    /// # Errors
    /// When the bus has one already.
    pub async fn start_dark(desktop: &Desktop) -> Result<Self> {
        let bus = connection::Builder::address(address(desktop)?)?;
        let served = bus.serve_at(PATH, Settings { scheme: 1 })?.name(NAME)?.build().await?;
        Ok(Self(served))
    }

    /// Changes the user's preference to light colours.
    ///
    /// # Errors
    /// When the bus has ended.
    pub async fn becomes_light(&self) -> Result<()> {
        let settings = self.0.object_server().interface::<_, Settings>(PATH).await?;
        settings.get_mut().await.scheme = 2;
        let (namespace, key) = APPEARANCE;
        let emitter = settings.signal_emitter();
        Ok(Settings::setting_changed(emitter, namespace, key, Value::from(2_u32)).await?)
    }
}

/// Owns these names on the bus and never responds.
///
/// # Errors
/// When the names are taken.
pub async fn unresponsive_services(desktop: &Desktop, names: &[&str]) -> Result<Connection> {
    let bus = connection::Builder::address(address(desktop)?)?.build().await?;
    for name in names {
        bus.request_name(*name).await?;
    }
    Ok(bus)
}

fn address(desktop: &Desktop) -> Result<&str> {
    desktop.bus_address().context("there is no bus")
}
