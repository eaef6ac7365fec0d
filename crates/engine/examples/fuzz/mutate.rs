//! Texts that are nearly queries.

const LONGEST: usize = 4096;

/// Numbers that only have to be different from one another.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }
}

const PIECES: [&str; 32] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "`",
    "|",
    ",",
    "=",
    "!=",
    "*",
    "%",
    "\\",
    "/",
    ":",
    "$.",
    " and ",
    " OR ",
    " not ",
    "by ",
    "as ",
    "0",
    "-1",
    "1e309",
    "日本語",
    "\u{202e}",
    "\n",
    "\t",
    "\u{0}",
];

/// A place between two characters.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// One of the texts, changed in a few places.
pub(crate) fn mutated(dice: &mut Dice, pool: &[String]) -> String {
    let mut text = pool[dice.below(pool.len())].clone();
    for _ in 0..=dice.below(4) {
        let (a, b) = (boundary(&text, dice.below(text.len() + 1)), boundary(&text, dice.below(text.len() + 1)));
        let (from, to) = (a.min(b), a.max(b));
        match dice.below(6) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(from, PIECES[dice.below(PIECES.len())]),
            2 => text.insert_str(from, &text[from..to].repeat(1 + dice.below(3))),
            3 => {
                let other = &pool[dice.below(pool.len())];
                let cut = boundary(other, dice.below(other.len() + 1));
                text.insert_str(from, &other[cut..]);
            }
            4 => text.replace_range(from..to, PIECES[dice.below(PIECES.len())]),
            _ => text.insert_str(from, &PIECES[dice.below(PIECES.len())].repeat(1 + dice.below(200))),
        }
    }
    text.truncate(boundary(&text, LONGEST));
    text
}
