//! Values in texts that have the key of a rule before them.
//!
//! Texts are not a format, so this is a matter of judgement. A value is secret in these cases:
//!
//! 1. The key and `=` are directly before it (`password=hunter2`), or the key is in quotes (`"password": 5`), also if the quotes are escaped
//!    (`{\"password\":\"x\"}`), or the separator is `=>`.
//! 2. Otherwise, after `key: ` or `key = `,
//!    - a value in quotes with a letter or digit in it (`password: "x"`), and a value with brackets as `Debug` writes it
//!      (`token: Some("x")`, `password: Secret { value: "x" }`);
//!    - one word that looks random: it has digits among letters or signs, or at least six digits (`password: hunter2 for bob`);
//!    - any other word, if nothing but punctuation follows it, and if the key begins a text, a line or a clause (`login failed, password: open`).
//!    - the rest of the line of a header (`Cookie: a=1; b=2`), and all credentials (`Authorization: Basic …`), unless they are a sentence.
//! 3. After `--key ` in a command, a value in quotes, a word that looks random, or the last word.
//! 4. As the second of a pair (`("password", "x")`), as the value of a name (`{ name: "password", value: "x" }`), and in a type of that name
//!    (`Password("x")`).
//! 5. In a query or a form (`?name=value&name=value`), the parameters that are secret in a URL.
//!
//! It is not secret if it only says something about the secret: `true`, `null`, `expired`, and other words of that kind, templates such as
//! `{}`, and, after a word such as `unexpected`, whatever does not look random (`unexpected token: "foo"`). So `password: correct horse` stays
//! as it is, because its form is that of `password: must be longer`.
//!
//! Colors for terminals between key, separator and value do not matter, and the letter of an escape before a key (`\npassword`) is not a
//! part of it.
//!
//! A value in quotes ends with its quote, whatever is in it, or with the text. Other values end with a space or punctuation.

mod clause;
mod color;
mod columns;
mod header;
mod key;
mod options;
mod pairs;
mod quick;
mod scan;
mod value;
mod words;
mod wrappers;

pub(super) use self::{
    options::may_precede_option,
    quick::{may_be_option, may_be_pair, may_precede},
    scan::find,
};
