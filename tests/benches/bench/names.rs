//! Companies that do not exist, as different from each other as real ones are.
//!
//! A name has a first word of its own and a second that it shares with some hundred others, so that a search for
//! similar names meets what it meets in life: some candidates for every new customer, and hardly ever a likeness.

use std::collections::BTreeSet;

const ONSETS: &[u8] = b"bcdfghjkmptvwz";
const VOWELS: &[u8] = b"aeiou";
/// None is an onset, so that no letter is ever doubled: then nearly every name has the same number of blocking keys.
const CODAS: &[u8] = b"lnrx";
const SYLLABLES: u64 = (ONSETS.len() * VOWELS.len() * CODAS.len()) as u64;
const FIRST_WORDS: u64 = SYLLABLES * SYLLABLES * SYLLABLES;
const SECOND_WORDS: u64 = 2_000;
/// Spreads neighbouring numbers over all names; prime, so that no name comes twice.
const STRIDE: u64 = 32_416_190_071;

/// How many blocking keys a name has.
const KEYS: usize = 8;

const COUNTRIES: [&str; 8] = ["DE", "FR", "GB", "US", "IT", "ES", "NL", "PL"];

/// The name of a customer, by number.
#[derive(Debug, Clone)]
pub struct Name {
    first: String,
    second: String,
    /// Where it is.
    pub country: &'static str,
}

impl Name {
    /// The `number`th name.
    pub fn nth(number: u64) -> Self {
        let spread = number % FIRST_WORDS * STRIDE % (FIRST_WORDS * SECOND_WORDS);
        let (first, second) = (spread / SECOND_WORDS, spread % SECOND_WORDS * 37);
        let country = COUNTRIES[(number % COUNTRIES.len() as u64) as usize];
        Self { first: word(first, 3), second: word(second, 2), country }
    }

    /// As it is written.
    pub fn written(&self) -> String {
        format!("{} {}", capital(&self.first), capital(&self.second))
    }

    /// In small letters.
    pub fn lower(&self) -> String {
        format!("{} {}", self.first, self.second)
    }

    /// In small letters, words sorted: how the product compares names.
    pub fn sorted(&self) -> String {
        let (a, b) = (self.first.as_str().min(&self.second), self.first.as_str().max(&self.second));
        format!("{a} {b}")
    }

    /// The first label of its domain.
    pub fn label(&self) -> String {
        format!("{}-{}", self.first, self.second)
    }

    /// Its domain.
    pub fn domain(&self) -> String {
        format!("{}.example", self.label())
    }

    /// Whether small letters and sorted words can be told apart.
    pub fn is_telling(&self) -> bool {
        self.lower() != self.sorted()
    }

    /// The keys by which the product finds similar names, sorted. Only for names of this shape; that it is still so
    /// is checked against what the product stores.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = BTreeSet::new();
        for word in [&self.first, &self.second] {
            keys.insert(format!("t:{word}"));
            keys.insert(format!("k:{}", word.replace(['a', 'e', 'i', 'o', 'u'], "")));
        }
        let halves = |word: &str| [word[..3].to_owned(), format!("-{}", &word[word.len() - 3..])];
        for a in halves(&self.first) {
            keys.extend(halves(&self.second).map(|b| format!("h:{}+{}", a.as_str().min(&b), a.as_str().max(&b))));
        }
        // Halves of two words that are alike make one key less; the rows of all names have the same number.
        for spare in keys.len()..KEYS {
            keys.insert(format!("t:{}{spare}", self.first));
        }
        keys.into_iter().collect()
    }
}

fn word(number: u64, syllables: u32) -> String {
    (0..syllables).flat_map(|at| syllable(number / SYLLABLES.pow(at) % SYLLABLES)).map(char::from).collect()
}

fn syllable(number: u64) -> [u8; 3] {
    let number = number as usize;
    let (vowel, coda) = (number / ONSETS.len(), number / ONSETS.len() / VOWELS.len());
    [ONSETS[number % ONSETS.len()], VOWELS[vowel % VOWELS.len()], CODAS[coda % CODAS.len()]]
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}
