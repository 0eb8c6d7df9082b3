//! The tray and the notifications of a desktop: Xfce's panel and dunst, inspected over the session bus.

use std::{collections::HashMap, fs, os::unix::fs::PermissionsExt};

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;
use zbus::{
    Connection, connection, fdo,
    names::BusName,
    zvariant::{OwnedValue, Value},
};

use crate::{Desktop, until};

/// The name of the panel's process.
const PANEL: &str = "xfce4-panel";

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// The settings of a panel that contains a tray only.
const PANEL_SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"#;

/// Chooses the second action of a notification's menu by its label, as a user does with the menu that dunst opens; and
/// writes down each notification that is shown or replaces one.
const DUNST_SETTINGS: &str =
    "[global]\ndmenu = /bin/sh -c \"grep -i 'sign'\"\n[each]\nsummary = *\nscript = ";

/// A script that appends the id and the summary of a notification to a file.
const DUNST_SCRIPT: &str =
    "#!/bin/sh\nprintf '%s %s\\n' \"$DUNST_ID\" \"$DUNST_SUMMARY\" >> \"$HOME/notifications\"\n";

/// A menu: its id, its properties, and its items.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// The application's tray item, as the panel sees it.
pub struct Tray {
    bus: Connection,
    owner: BusName<'static>,
    item: String,
    menu: String,
}

impl Desktop {
    /// Starts Xfce's panel, with its tray.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn starts_panel(&mut self) -> Result<()> {
        let folder = self.home().join(".config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("xfce4-panel.xml"), PANEL_SETTINGS)?;
        let mut panel = self.command(PANEL);
        panel.arg("--disable-wm-check");
        self.start_process(PANEL, panel)
    }

    /// Ends the panel, as a crash does.
    pub fn stops_panel(&mut self) {
        self.end(PANEL);
    }

    /// Starts dunst, which shows notifications, and waits for it.
    ///
    /// # Errors
    /// When it is not installed.
    pub async fn starts_notifications(&mut self) -> Result<()> {
        let script = self.home().join(".config/writes-notification");
        fs::write(&script, DUNST_SCRIPT)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        let settings = self.home().join(".config/dunstrc");
        fs::write(&settings, format!("{DUNST_SETTINGS}{}\n", script.display()))?;
        let mut dunst = self.command("dunst");
        dunst.arg("-conf").arg(settings);
        self.start_process("dunst", dunst)?;
        until("dunst on the bus", async || self.dunstctl(&["count"]).ok()).await.map(drop)
    }

    /// The number of visible notifications.
    ///
    /// # Errors
    /// When dunst does not respond.
    pub fn notifications(&self) -> Result<usize> {
        Ok(self.dunstctl(&["count", "displayed"])?.trim().parse()?)
    }

    /// Waits until this many notifications are visible.
    ///
    /// # Errors
    /// When the number stays different.
    pub async fn shows_notifications(&self, count: usize) -> Result<()> {
        until(&format!("{count} notifications"), async || {
            (self.notifications().ok()? == count).then_some(())
        })
        .await
    }

    /// Waits until this many notifications have been shown or have replaced one: the id and the summary of each.
    ///
    /// # Errors
    /// When there are fewer or more.
    pub async fn has_notified(&self, count: usize) -> Result<Vec<(String, String)>> {
        let file = self.home().join("notifications");
        let read = || {
            let text = fs::read_to_string(&file).ok()?;
            let one = |line: &str| line.split_once(' ').map(|(id, text)| (id.into(), text.into()));
            text.lines().map(one).collect::<Option<Vec<_>>>()
        };
        until(&format!("{count} notifications"), async || read().filter(|all| all.len() == count))
            .await
    }

    /// The notifications that were closed, the latest first: summary and body.
    ///
    /// # Errors
    /// When dunst does not respond.
    pub fn closed_notifications(&self) -> Result<Vec<(String, String)>> {
        let history: Json = serde_json::from_str(&self.dunstctl(&["history"])?)?;
        let list = history["data"][0].as_array().context("no history")?;
        let text =
            |one: &Json, name: &str| one[name]["data"].as_str().unwrap_or_default().to_owned();
        Ok(list.iter().map(|one| (text(one, "summary"), text(one, "body"))).collect())
    }

    /// Clicks the notification itself.
    ///
    /// # Errors
    /// When dunst does not respond.
    pub fn clicks_notification(&self) -> Result<()> {
        self.dunstctl(&["action"]).map(drop)
    }

    /// Chooses the sign-in in the notification's menu.
    ///
    /// # Errors
    /// When dunst does not respond.
    pub fn chooses_sign_in_of_notification(&self) -> Result<()> {
        self.dunstctl(&["context"]).map(drop)
    }

    fn dunstctl(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command("dunstctl").args(arguments).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
}

impl Tray {
    /// Waits until the desktop's watcher has the application's item.
    ///
    /// # Errors
    /// When it does not get one.
    pub async fn of(desktop: &Desktop) -> Result<Self> {
        let address = desktop.bus_address().context("there is no bus")?;
        let bus = connection::Builder::address(address)?.build().await?;
        until("the application in the tray", async || Self::found(&bus).await).await
    }

    async fn found(bus: &Connection) -> Option<Self> {
        let watcher =
            fdo::PropertiesProxy::new(bus, WATCHER, "/StatusNotifierWatcher").await.ok()?;
        let items = watcher.get(WATCHER.try_into().ok()?, "RegisteredStatusNotifierItems").await;
        for item in Vec::<String>::try_from(items.ok()?).ok()? {
            let (owner, path) = item.split_once('/')?;
            let owner = BusName::try_from(owner.to_owned()).ok()?;
            let mut tray =
                Self { bus: bus.clone(), owner, item: format!("/{path}"), menu: String::new() };
            if *tray.property("Id").await.ok()? == Value::from("latchkey") {
                let menu = tray.property("Menu").await.ok()?;
                tray.menu = zbus::zvariant::OwnedObjectPath::try_from(menu).ok()?.to_string();
                return Some(tray);
            }
        }
        None
    }

    /// A property of the item.
    ///
    /// # Errors
    /// When it does not exist any more.
    pub async fn property(&self, name: &str) -> Result<OwnedValue> {
        let properties =
            fdo::PropertiesProxy::new(&self.bus, self.owner.clone(), self.item.as_str()).await?;
        Ok(properties.get(ITEM.try_into()?, name).await?)
    }

    /// The labels of the menu, without separators.
    ///
    /// # Errors
    /// When it does not exist any more.
    pub async fn labels(&self) -> Result<Vec<String>> {
        Ok(self.items().await?.into_iter().map(|(_, label)| label).collect())
    }

    /// Waits until the menu has this label.
    ///
    /// # Errors
    /// When it does not get one.
    pub async fn has(&self, label: &str) -> Result<()> {
        until(&format!("{label} in the tray's menu"), async || {
            self.labels().await.ok()?.iter().any(|one| one == label).then_some(())
        })
        .await
    }

    /// Chooses this item of the menu, once it exists.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn chooses(&self, label: &str) -> Result<()> {
        let id = until(&format!("{label} in the tray's menu"), async || {
            self.items().await.ok()?.into_iter().find(|(_, one)| one == label).map(|(id, _)| id)
        })
        .await?;
        let event = (id, "clicked", Value::from(0_i32), 0_u32);
        self.bus
            .call_method(Some(&self.owner), self.menu.as_str(), Some(MENU), "Event", &event)
            .await?;
        Ok(())
    }

    /// Clicks the icon.
    ///
    /// # Errors
    /// When it does not exist any more.
    pub async fn clicks(&self) -> Result<()> {
        let (owner, path) = (Some(&self.owner), self.item.as_str());
        self.bus.call_method(owner, path, Some(ITEM), "Activate", &(0_i32, 0_i32)).await?;
        Ok(())
    }

    async fn items(&self) -> Result<Vec<(i32, String)>> {
        let arguments = (0_i32, -1_i32, Vec::<String>::new());
        let reply = self
            .bus
            .call_method(Some(&self.owner), self.menu.as_str(), Some(MENU), "GetLayout", &arguments)
            .await?;
        let body = reply.body();
        let (_, (_, _, children)): (u32, Layout) = body.deserialize()?;
        let item = |child: &OwnedValue| {
            let Value::Structure(child) = &**child else { return None };
            let [Value::I32(id), Value::Dict(properties), _] = child.fields() else { return None };
            let label = properties.get::<_, String>(&"label").ok()??;
            Some((*id, label))
        };
        Ok(children.iter().filter_map(item).collect())
    }
}
