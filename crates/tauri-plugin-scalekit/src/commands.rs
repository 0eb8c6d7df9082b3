//! What a webview may call. Wishes go in and views come out; nothing else crosses.

use scalekit_auth::{
    problem::{Problem, ProblemCode},
    view::{SessionView, SignInIntent},
};
use tauri::{State, ipc::Channel};

use crate::Scalekit;

type Outcome = Result<(), Problem>;

/// Shows the present view and every one that follows on `channel`.
#[tauri::command]
pub async fn watch(scalekit: State<'_, Scalekit>, channel: Channel<SessionView>) -> Outcome {
    scalekit.show_on(channel);
    Ok(())
}

/// Begins a sign-in.
#[tauri::command]
pub async fn sign_in(scalekit: State<'_, Scalekit>, intent: SignInIntent) -> Outcome {
    scalekit.session().sign_in(intent)
}

/// Begins the sign-in that the person was invited to and has agreed to.
#[tauri::command]
pub async fn accept_invitation(scalekit: State<'_, Scalekit>, question: u32) -> Outcome {
    scalekit.session().accept_invitation(question)
}

/// Forgets the sign-in that the person was invited to.
#[tauri::command]
pub async fn decline_invitation(scalekit: State<'_, Scalekit>, question: u32) -> Outcome {
    scalekit.session().decline_invitation(question);
    Ok(())
}

/// Gives up the sign-in under way.
#[tauri::command]
pub async fn cancel_sign_in(scalekit: State<'_, Scalekit>) -> Outcome {
    scalekit.session().cancel_sign_in();
    Ok(())
}

/// Opens the page of the sign-in under way once more.
#[tauri::command]
pub async fn open_browser_again(scalekit: State<'_, Scalekit>) -> Outcome {
    scalekit.session().open_browser_again();
    Ok(())
}

/// Copies the address of the sign-in under way; the webview does not see it.
#[tauri::command]
pub async fn copy_link(scalekit: State<'_, Scalekit>) -> Outcome {
    let failed = |message: &str| Problem::new(ProblemCode::CopyFailed, message);
    let link = scalekit.session().sign_in_link().await.ok_or_else(|| {
        failed(
            "There is no link to copy, because no sign-in waits for the browser. Start one first.",
        )
    })?;
    let clipboard = scalekit.clipboard();
    // A clipboard belongs to the desktop, which may take its time.
    tauri::async_runtime::spawn_blocking(move || clipboard.copy(link.into()))
        .await
        .map_err(|why| why.to_string())
        .flatten()
        .map_err(|why| {
            failed("The desktop did not take the link. Use \"Open browser again\" instead.")
                .with_detail(why)
        })
}

/// Renews the session now.
#[tauri::command]
pub async fn renew(scalekit: State<'_, Scalekit>) -> Outcome {
    scalekit.session().renew();
    Ok(())
}

/// Signs out.
#[tauri::command]
pub async fn sign_out(scalekit: State<'_, Scalekit>) -> Outcome {
    scalekit.session().sign_out()
}

/// Tries the keychain again.
#[tauri::command]
pub async fn retry(scalekit: State<'_, Scalekit>) -> Outcome {
    scalekit.session().retry();
    Ok(())
}

/// Goes on without a keychain, as the person has agreed.
#[tauri::command]
pub async fn go_on_without_keychain(scalekit: State<'_, Scalekit>) -> Outcome {
    scalekit.session().go_on_without_keychain();
    Ok(())
}

/// Takes the present problem away.
#[tauri::command]
pub async fn dismiss(scalekit: State<'_, Scalekit>) -> Outcome {
    scalekit.session().dismiss();
    Ok(())
}
