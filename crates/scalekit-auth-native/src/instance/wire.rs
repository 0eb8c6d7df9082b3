//! The message of a hand-over: its length, then the arguments.

use std::{
    io::{Error, ErrorKind, Result},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

/// The timeout of each end of a hand-over.
pub const HANDOVER_TIMEOUT: Duration = Duration::from_secs(2);

/// The size limit of a message, in bytes without its length. A link may have 15 KiB.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// The acknowledgement of a message (ASCII ACK).
pub const TAKEN: u8 = 0x06;

/// The message with these arguments; none where they exceed [`MAX_MESSAGE_BYTES`]. Each ends with a zero
/// byte, which no argument of a process can contain.
pub fn encode(arguments: &[String]) -> Option<Zeroizing<Vec<u8>>> {
    let length: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
    let announced = u32::try_from(length).ok().filter(|_| length <= MAX_MESSAGE_BYTES)?;
    let mut message = Zeroizing::new(Vec::with_capacity(4 + length));
    message.extend(announced.to_be_bytes());
    for argument in arguments {
        message.extend(argument.as_bytes());
        message.push(0);
    }
    Some(message)
}

/// Sends a message.
pub async fn write(to: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> Result<()> {
    to.write_all(message).await?;
    to.flush().await
}

/// Receives a message. A length beyond [`MAX_MESSAGE_BYTES`] is an error at once, before memory is allocated.
/// `begun` is called when the length has been received.
pub async fn read(
    from: &mut (impl AsyncRead + Unpin),
    begun: impl FnOnce(),
) -> Result<Zeroizing<Vec<String>>> {
    let length = from.read_u32().await?;
    begun();
    let length = usize::try_from(length).ok().filter(|length| *length <= MAX_MESSAGE_BYTES);
    let length = length.ok_or_else(|| refused("it is too long"))?;
    let mut message = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut message).await?;
    decode(&message)
}

fn decode(message: &[u8]) -> Result<Zeroizing<Vec<String>>> {
    let mut arguments = Zeroizing::new(Vec::new());
    for argument in message.split_inclusive(|byte| *byte == 0) {
        let argument = argument.strip_suffix(&[0]).ok_or_else(|| refused("it breaks off"))?;
        let argument = std::str::from_utf8(argument).map_err(|_| refused("it is not text"))?;
        arguments.push(argument.to_owned());
    }
    Ok(arguments)
}

fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(mut message: &[u8]) -> Result<Vec<String>> {
        read(&mut message, || {}).await.map(|mut arguments| std::mem::take(&mut *arguments))
    }

    #[tokio::test]
    async fn instance_message_arguments_round_trip_unchanged() {
        for arguments in [
            &[][..],
            &[""],
            &["", ""],
            &["latchkey", "io.latchkey.desktop://callback?a=1&b=%20|+"],
            &["a\nb", "عربي", "--x=y z"],
        ] {
            let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
            let message = encode(&arguments).unwrap();
            assert_eq!(heard(&message).await.unwrap(), arguments);
        }
    }

    #[tokio::test]
    async fn instance_message_over_max_len_is_rejected_both_ways() {
        let fits = vec!["x".repeat(MAX_MESSAGE_BYTES - 1)];
        assert_eq!(heard(&encode(&fits).unwrap()).await.unwrap(), fits);
        assert!(encode(&["x".repeat(MAX_MESSAGE_BYTES)]).is_none());
        let mut announced = (MAX_MESSAGE_BYTES as u32 + 1).to_be_bytes().to_vec();
        announced.extend(vec![0; MAX_MESSAGE_BYTES + 1]);
        assert_eq!(heard(&announced).await.unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(
            heard(&u32::MAX.to_be_bytes()).await.unwrap_err().kind(),
            ErrorKind::InvalidData
        );
    }

    #[tokio::test]
    async fn instance_message_truncated_or_malformed_is_rejected() {
        for (message, kind) in [
            (&b""[..], ErrorKind::UnexpectedEof),
            (b"\0\0", ErrorKind::UnexpectedEof),
            (b"\0\0\0\x05abc", ErrorKind::UnexpectedEof),
            (b"\0\0\0\x03abc", ErrorKind::InvalidData),
            (b"\0\0\0\x04a\0bc", ErrorKind::InvalidData),
            (b"\0\0\0\x03\xff\xfe\0", ErrorKind::InvalidData),
        ] {
            assert_eq!(heard(message).await.unwrap_err().kind(), kind, "{message:?}");
        }
    }
}
