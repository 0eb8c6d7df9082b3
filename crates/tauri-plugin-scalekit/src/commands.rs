//! The commands for webviews. Commands come in and views go out; nothing else is exchanged.
//!
//! The caller is untrusted: arguments are deserialized strictly, and commands that open a browser, write to a
//! clipboard, or use a keychain or the environment have a rate limit.

use scalekit_auth::{
    HostedPage, MAX_LINK_LEN, Problem, ProblemCode, SelfCheckReport, SignInRequest, SignOutScope,
};
use serde::Deserialize;
use tauri::{AppHandle, Runtime, State, Webview, ipc::JavaScriptChannelId};
use zeroize::Zeroizing;

use crate::{
    arguments::{Arguments, NoArgs},
    clipboard, scheme, self_check,
    state::Scalekit,
};

type Outcome = Result<(), Problem>;

/// The arguments of [`watch`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    channel: JavaScriptChannelId,
}

/// Sends the current view and every later one on `channel`.
#[tauri::command]
pub async fn watch<R: Runtime>(
    webview: Webview<R>,
    scalekit: State<'_, Scalekit>,
    Arguments(Watch { channel }): Arguments<Watch>,
) -> Outcome {
    scalekit.limits().views.pass().await?;
    let label = webview.label().to_owned();
    scalekit.subscribe(&label, channel.channel_on(webview));
    Ok(())
}

/// Begins a sign-in. The arguments are hints only: the environment authenticates the user, and its response is
/// verified.
#[tauri::command]
pub async fn sign_in(
    scalekit: State<'_, Scalekit>,
    Arguments(request): Arguments<SignInRequest>,
) -> Outcome {
    scalekit.limits().browser.pass().await?;
    scalekit.session().sign_in(request)
}

/// The arguments of [`accept_invitation`] and [`decline_invitation`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    question: u32,
}

/// Begins the sign-in of an IdP-initiated login, to which the user has agreed.
#[tauri::command]
pub async fn accept_invitation(
    scalekit: State<'_, Scalekit>,
    Arguments(Decision { question }): Arguments<Decision>,
) -> Outcome {
    scalekit.limits().browser.pass().await?;
    scalekit.session().accept_invitation(question)
}

/// Drops the IdP-initiated login.
#[tauri::command]
pub async fn decline_invitation(
    scalekit: State<'_, Scalekit>,
    Arguments(Decision { question }): Arguments<Decision>,
) -> Outcome {
    scalekit.session().decline_invitation(question);
    Ok(())
}

/// Cancels the sign-in under way.
#[tauri::command]
pub async fn cancel_sign_in(scalekit: State<'_, Scalekit>, _: Arguments<NoArgs>) -> Outcome {
    scalekit.session().cancel_sign_in();
    Ok(())
}

/// Opens the page of the sign-in under way again.
#[tauri::command]
pub async fn open_browser_again(scalekit: State<'_, Scalekit>, _: Arguments<NoArgs>) -> Outcome {
    scalekit.limits().browser.pass().await?;
    scalekit.session().open_browser_again();
    Ok(())
}

/// Opens the page of the sign-in under way with the loopback redirect URI, where there is one.
#[tauri::command]
pub async fn use_loopback(scalekit: State<'_, Scalekit>, _: Arguments<NoArgs>) -> Outcome {
    scalekit.limits().browser.pass().await?;
    scalekit.session().use_loopback()
}

/// Takes the redirect's URL, which the user has copied in the browser, from the clipboard; the webview does not see
/// it. If it is unusable, the next view contains the reason.
#[tauri::command]
pub async fn paste_link<R: Runtime>(
    app: AppHandle<R>,
    scalekit: State<'_, Scalekit>,
    _: Arguments<NoArgs>,
) -> Outcome {
    scalekit.limits().clipboard.pass().await?;
    let pasted = match clipboard::of_window(&app).await {
        Some(pasted) => pasted,
        None => {
            let clipboard = scalekit.clipboard();
            tauri::async_runtime::spawn_blocking(move || clipboard.paste())
                .await
                .map_err(|why| unreadable(&why.to_string()))?
                .map_err(|why| unreadable(&why.to_string()))?
        }
    };
    if pasted.trim().is_empty() {
        return Err(Problem::new(ProblemCode::ClipboardUnreadable));
    }
    // A longer text is no link. It is cut one byte beyond the limit, so that the session still rejects it.
    let link = pasted.as_bytes().iter().take(MAX_LINK_LEN + 1).copied().collect();
    scalekit.session().paste_link(Zeroizing::new(link));
    Ok(())
}

fn unreadable(why: &str) -> Problem {
    Problem::new(ProblemCode::ClipboardUnreadable).with_detail(why)
}

/// The arguments of [`open_hosted_page`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenHostedPage {
    page: HostedPage,
}

/// Opens one of the environment's hosted pages for the user.
#[tauri::command]
pub async fn open_hosted_page(
    scalekit: State<'_, Scalekit>,
    Arguments(OpenHostedPage { page }): Arguments<OpenHostedPage>,
) -> Outcome {
    scalekit.limits().browser.pass().await?;
    scalekit.session().open_hosted_page(page);
    Ok(())
}

/// Copies the URL of the sign-in under way; the webview does not see it.
#[tauri::command]
pub async fn copy_link<R: Runtime>(
    app: AppHandle<R>,
    scalekit: State<'_, Scalekit>,
    _: Arguments<NoArgs>,
) -> Outcome {
    scalekit.limits().clipboard.pass().await?;
    let link = scalekit
        .session()
        .sign_in_link()
        .await
        .ok_or_else(|| Problem::new(ProblemCode::NoLinkToCopy))?;
    if clipboard::by_window(&app, link.as_str()).await {
        return Ok(());
    }
    let clipboard = scalekit.clipboard();
    // The clipboard is owned by other processes, which may respond late.
    tauri::async_runtime::spawn_blocking(move || clipboard.copy(link.into()))
        .await
        .map_err(|why| why.to_string())
        .and_then(|copied| copied.map_err(|why| why.to_string()))
        .map_err(|why| Problem::new(ProblemCode::CopyFailed).with_detail(why))
}

/// Refreshes the session now.
#[tauri::command]
pub async fn refresh(scalekit: State<'_, Scalekit>, _: Arguments<NoArgs>) -> Outcome {
    scalekit.limits().refresh.pass().await?;
    scalekit.session().refresh();
    Ok(())
}

/// The arguments of [`sign_out`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOut {
    scope: SignOutScope,
}

/// Signs out.
#[tauri::command]
pub async fn sign_out(
    scalekit: State<'_, Scalekit>,
    Arguments(SignOut { scope }): Arguments<SignOut>,
) -> Outcome {
    scalekit.session().sign_out(scope)
}

/// Retries the keychain.
#[tauri::command]
pub async fn retry(scalekit: State<'_, Scalekit>, _: Arguments<NoArgs>) -> Outcome {
    scalekit.limits().keychain.pass().await?;
    scalekit.session().retry();
    Ok(())
}

/// Continues without a keychain, to which the user has agreed.
#[tauri::command]
pub async fn continue_without_keychain(
    scalekit: State<'_, Scalekit>,
    _: Arguments<NoArgs>,
) -> Outcome {
    scalekit.session().continue_without_keychain();
    Ok(())
}

/// Registers the application's scheme where that is possible, and checks again which program handles it. The
/// next view contains the result.
#[tauri::command]
pub async fn check_links<R: Runtime>(
    app: AppHandle<R>,
    scalekit: State<'_, Scalekit>,
    _: Arguments<NoArgs>,
) -> Outcome {
    scalekit.limits().links.pass().await?;
    scheme::check_again(&app).await
}

/// Checks everything that a sign-in depends on, and returns the findings. One at a time.
#[tauri::command]
pub async fn self_check<R: Runtime>(
    app: AppHandle<R>,
    scalekit: State<'_, Scalekit>,
    _: Arguments<NoArgs>,
) -> Result<SelfCheckReport, Problem> {
    scalekit.limits().self_check.pass().await?;
    self_check::of_instance(&app).await
}

/// Removes the current problem.
#[tauri::command]
pub async fn dismiss(scalekit: State<'_, Scalekit>, _: Arguments<NoArgs>) -> Outcome {
    scalekit.session().dismiss();
    Ok(())
}
