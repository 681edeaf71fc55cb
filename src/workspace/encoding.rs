//! Texts that are not UTF-8: an editor on Windows may have written UTF-16, which is told by its byte order mark.

/// UTF-16 with a byte order mark as UTF-8, anything else as it is.
///
/// # Errors
/// The bytes, when they begin as UTF-16 and are none.
pub(super) fn to_utf8(bytes: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return Ok(bytes),
    };
    let pairs = bytes.get(2..).unwrap_or_default().chunks(2).map(|pair| match *pair {
        [a, b] => unit([a, b]),
        // Half a unit: a lone surrogate, so that decoding fails.
        _ => 0xd800,
    });
    match char::decode_utf16(pairs).collect::<Result<String, _>>() {
        Ok(text) => Ok(text.into_bytes()),
        Err(_) => Err(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_and_what_is_none() {
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain("é: 𝄞".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain("é: 𝄞".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(to_utf8(little), Ok("é: 𝄞".as_bytes().to_vec()));
        assert_eq!(to_utf8(big), Ok("é: 𝄞".as_bytes().to_vec()));
        assert_eq!(to_utf8(b"plain".to_vec()), Ok(b"plain".to_vec()));
        assert!(to_utf8(vec![0xff, 0xfe, 0x41]).is_err());
    }
}
