use log_files::json;

/// The text is not JSON.
#[derive(Debug)]
pub(super) struct NotJson;

/// A position in a JSON text, and what is there.
#[derive(Debug)]
pub(super) struct Tokens<'j> {
    pub(super) json: &'j str,
    pub(super) at: usize,
}

impl Tokens<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.peek() != Some(byte) {
            return Err(NotJson);
        }
        self.at += 1;
        Ok(())
    }

    pub(super) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Reads a string. Returns the position after it.
    pub(super) fn string(&mut self) -> Result<usize, NotJson> {
        if self.peek() != Some(b'"') {
            return Err(NotJson);
        }
        self.at = json::string_end(self.json.as_bytes(), self.at).ok_or(NotJson)?;
        Ok(self.at)
    }

    /// Returns the position after the value that begins here, at any depth.
    pub(super) fn value_end(&self) -> Option<usize> {
        match self.peek()? {
            b'"' | b'{' | b'[' => json::value_end(self.json.as_bytes(), self.at),
            _ => self.scalar_end(),
        }
    }

    /// Returns the position after the number or word that begins here.
    pub(super) fn scalar_end(&self) -> Option<usize> {
        let rest = self.json.as_bytes().get(self.at..)?;
        let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        let scalar = rest.get(..length)?;
        let is_valid = matches!(scalar, b"true" | b"false" | b"null") || is_number(scalar);
        is_valid.then_some(self.at + length)
    }
}

fn is_number(scalar: &[u8]) -> bool {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    matches!(scalar.first(), Some(b'-' | b'0'..=b'9')) && scalar.iter().all(is_part)
}
