//! Is this the same company? The domain decides where there is one; otherwise the company's name, written as people write it.
//!
//! Nothing here knows a database or a program: who keeps companies stores domain, normalized name and blocking keys of each, looks
//! up candidates by domain or shared key, and asks [`similarity`] about those few. A verdict must be repeatable years
//! later, so every function is deterministic and depends on its arguments alone.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use any_ascii::any_ascii;
use unicode_normalization::UnicodeNormalization;

mod words;

use words::{FILLERS, GENERIC_WORDS, LEGAL_PHRASES, LEGAL_WORDS, UNSPACED_LEGAL_FORMS};

#[cfg(test)]
mod tests;

/// Longest name, in characters, that is looked at; a longer one is cut. More than a stored name needs.
const MAX_INPUT_CHARS: usize = 1024;
/// Most words of a name that count; the pairing in [`similarity`] is quadratic in it.
const MAX_TOKENS: usize = 12;
/// Longest word of a name, in characters.
const MAX_TOKEN_CHARS: usize = 64;

/// A company's name without what varies between two spellings of it: case, accents, script, punctuation, legal form, word order
/// (but not that of initials, "J. R.").
///
/// Equal values mean the same name. The text is stable: normalizing it again gives the same value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NormalizedName {
    text: String,
}

impl NormalizedName {
    /// Normalizes a name as typed. Any text will do; one without a letter or digit becomes the empty name.
    ///
    /// A name made only of legal forms and fillers ("The Limited") keeps them, for otherwise all such names would be equal. At most
    /// 12 words, the first in alphabetical order, of at most 64 characters count.
    pub fn new(name: &str) -> Self {
        let typed: String = name.chars().take(MAX_INPUT_CHARS).nfkc().collect();
        let unspaced = UNSPACED_LEGAL_FORMS.iter().fold(typed.clone(), |text, form| text.replace(form, " "));
        let all = Some(tokens_of(&unspaced)).filter(|tokens| !tokens.is_empty()).unwrap_or_else(|| tokens_of(&typed));
        let kept = without_legal_forms(&all);
        Self::from_tokens(if kept.is_empty() { all } else { kept })
    }

    /// Takes back a text that [`NormalizedName::as_str`] gave, without normalizing it anew: a name stored under an older table of
    /// legal forms stays what it was.
    pub fn from_stored(text: &str) -> Self {
        Self::from_tokens(bounded(text.split_whitespace().map(str::to_owned).collect()))
    }

    /// The words in alphabetical order, joined by one space.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether no letter or digit was left. Two empty names are equal, which is no evidence that two companies are.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn from_tokens(tokens: Vec<String>) -> Self {
        Self { text: tokens.join(" ") }
    }

    fn tokens(&self) -> Vec<&str> {
        self.text.split_ascii_whitespace().collect()
    }
}

/// Folds to lower-case ASCII and splits into words. Initials ("a.c.m.e.", "a. c.", "a/s") become one word; without a point or slash
/// between them, as in the stored text, they stay apart, which keeps normalization idempotent.
fn tokens_of(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut after_initial = false;
    let text = any_ascii(text).to_ascii_lowercase().replace(['\'', '`'], "");
    for piece in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let mark = piece.chars().last().unwrap_or_default();
        if word.is_empty() {
            after_initial &= matches!(mark, ' ' | '.' | '/');
            continue;
        }
        let initial = word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase());
        match tokens.last_mut() {
            Some(last) if initial && after_initial => last.push_str(word),
            _ => tokens.push(word.to_owned()),
        }
        after_initial = initial && matches!(mark, '.' | '/');
    }
    bounded(tokens)
}

/// Sorts and cuts. Cutting comes after sorting, and before anything is removed, so that neither word order nor a second pass matters.
fn bounded(mut tokens: Vec<String>) -> Vec<String> {
    for token in &mut tokens {
        *token = token.chars().take(MAX_TOKEN_CHARS).collect();
    }
    tokens.sort_unstable();
    tokens.truncate(MAX_TOKENS);
    tokens
}

/// Removes phrases first: their words ("private", "z", "de") are no legal form by themselves.
fn without_legal_forms(tokens: &[String]) -> Vec<String> {
    let mut kept = tokens.to_vec();
    for phrase in LEGAL_PHRASES {
        if phrase.split(' ').all(|word| kept.iter().any(|token| token == word)) {
            kept.retain(|token| phrase.split(' ').all(|word| token != word));
        }
    }
    kept.retain(|token| !LEGAL.contains(token.as_str()) && !FILLERS.contains(&token.as_str()));
    kept
}

static LEGAL: LazyLock<HashSet<&str>> = LazyLock::new(|| LEGAL_WORDS.iter().flat_map(|line| line.split(' ')).collect());
static GENERIC: LazyLock<HashSet<&str>> =
    LazyLock::new(|| GENERIC_WORDS.iter().flat_map(|line| line.split(' ')).collect());

/// "industries" and "industry" are one word for matching.
fn singular(token: &str) -> String {
    match token.strip_suffix("ies") {
        Some(stem) if stem.len() > 1 => format!("{stem}y"),
        _ if token.len() > 3 && !token.ends_with("ss") => token.strip_suffix('s').unwrap_or(token).to_owned(),
        _ => token.to_owned(),
    }
}

fn has_digit(token: &str) -> bool {
    token.bytes().any(|b| b.is_ascii_digit())
}

fn is_generic(token: &str) -> bool {
    GENERIC.contains(token) || GENERIC.contains(singular(token).as_str())
}

/// The most that two names with different numbers can score: "Plant 1" and "Plant 2" are two customers.
const DIFFERENT_NUMBERS_CAP: u32 = 700;

/// How alike two names are, in per mille: 1000 if and only if they are equal; symmetric.
///
/// Words are paired best first; each counts by its length (3 to 10 letters, a number at least 6), a generic word ("group",
/// "services") a quarter of it, and what finds no partner counts against. Words pair that differ by at most one edit per four letters,
/// with their Jaro-Winkler similarity; words of up to three letters and words with a digit pair only when equal. Around 880 and above
/// is most likely the same name misspelt, under 850 another one. At most 144 word comparisons.
pub fn similarity(a: &NormalizedName, b: &NormalizedName) -> u16 {
    if a == b {
        return 1000;
    }
    let (a, b) = (a.tokens(), b.tokens());
    let total: u32 = a.iter().chain(&b).map(|token| weight(token)).sum();
    let mut free_a = vec![true; a.len()];
    let mut free_b = vec![true; b.len()];
    let mut matched = 0;
    for (gain, i, j) in pairs_best_first(&a, &b) {
        if let (Some(in_a @ true), Some(in_b @ true)) = (free_a.get_mut(i), free_b.get_mut(j)) {
            (*in_a, *in_b) = (false, false);
            matched += gain;
        }
    }
    let score = matched.checked_div(total).unwrap_or(0);
    let number_left =
        |tokens: &[&str], free: &[bool]| tokens.iter().zip(free).any(|(token, free)| *free && has_digit(token));
    let capped =
        if number_left(&a, &free_a) && number_left(&b, &free_b) { score.min(DIFFERENT_NUMBERS_CAP) } else { score };
    u16::try_from(capped).unwrap_or(1000)
}

/// Every pair that may match as (gain, index in a, index in b). Ties go by the words themselves, whichever side they are on, so that
/// the greedy choice is the same for (a, b) and (b, a).
fn pairs_best_first(a: &[&str], b: &[&str]) -> Vec<(u32, usize, usize)> {
    let mut pairs = Vec::new();
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let alike = token_similarity(x.min(y), x.max(y));
            if alike > 0 {
                pairs.push((alike * (weight(x) + weight(y)), x.min(y), x.max(y), i, j));
            }
        }
    }
    pairs.sort_unstable_by(|x, y| y.0.cmp(&x.0).then_with(|| (x.1, x.2, x.3, x.4).cmp(&(y.1, y.2, y.3, y.4))));
    pairs.into_iter().map(|(gain, _, _, i, j)| (gain, i, j)).collect()
}

fn weight(token: &str) -> u32 {
    let shortest = if has_digit(token) { 6 } else { 3 };
    let letters = u32::try_from(token.len()).unwrap_or(u32::MAX).clamp(shortest, 10);
    if is_generic(token) { letters } else { 4 * letters }
}

/// Per mille, 1000 only for equal words. The caller passes the words in order, for Jaro-Winkler matches letters greedily from its
/// first argument and need not be symmetric.
///
/// `strsim` answers in floating point, which appears here and nowhere else. It adds, multiplies and divides in a fixed order, as IEEE 754
/// prescribes to the last bit, so the nearest per mille is the same on every machine.
fn token_similarity(x: &str, y: &str) -> u32 {
    if x == y {
        return 1000;
    }
    if x.len().min(y.len()) <= 3 || has_digit(x) || has_digit(y) {
        return 0;
    }
    let (stem_x, stem_y) = (singular(x), singular(y));
    let edits = strsim::damerau_levenshtein(&stem_x, &stem_y);
    if edits * 4 > stem_x.len().max(stem_y.len()) {
        return 0;
    }
    ((strsim::jaro_winkler(x, y) * 1000.0).round() as u32).min(999)
}

/// Words that key by themselves.
const KEYED_WORDS: usize = 6;
/// Words that also key by consonants and in pairs.
const PAIRED_WORDS: usize = 3;

/// Index keys under which a name is found by its misspellings: at most 12, sorted, distinct, at most 66 ASCII characters each.
///
/// Names that score 880 or more nearly always share a key; names that share one need not score. A word keys by its singular (`t:`)
/// and its consonants (`k:`). A lone significant word also keys by its beginning with each letter left out (`d:`), which meets any
/// one-letter slip; two words by each pair of one's beginning or end with the other's (`h:`), which meets a slip in each; of three,
/// two slips leave one alone, and they key by the beginnings of two (`p:`). A generic word or one of up to two letters gives no key
/// while others do.
///
/// Measured on 60 names by the tests: with one letter missing, doubled, replaced, inserted or swapped, 99.9 % of the misspellings share
/// a key with the original (all of those that score 880 or more); with two such slips, 96 % of those that score so. Of the pairs of
/// different names 0.2 % share one.
pub fn blocking_keys(name: &NormalizedName) -> Vec<String> {
    let words = significant(name);
    let mut keys: BTreeSet<String> =
        words.iter().take(KEYED_WORDS).map(|word| format!("t:{}", singular(word))).collect();
    match words.as_slice() {
        // 9 letters are as many as 12 keys leave room for: the more, the fewer names share the key by chance.
        [lone] => keys.extend(misspelling_keys(lone, 9)),
        [longer, other] => keys.extend(half_keys(longer, other)),
        _ => keys.extend(pair_keys(&words)),
    }
    let longest = words.into_iter().take(PAIRED_WORDS);
    keys.extend(longest.filter_map(skeleton_key));
    keys.into_iter().collect()
}

/// The words that tell a name from others, longest first; the best there are if none does.
fn significant(name: &NormalizedName) -> Vec<&str> {
    let mut tokens = name.tokens();
    tokens.dedup();
    tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
    let own: Vec<&str> =
        tokens.iter().copied().filter(|token| !is_generic(token) && !is_misspelt_generic(token)).collect();
    let telling = own.iter().copied().filter(|token| token.len() > 2).collect();
    [telling, own, tokens].into_iter().find(|words| !words.is_empty()).unwrap_or_default()
}

/// "Solutoins" must not make another name of "Contoso Solutions". Shorter words have too many neighbours that are names.
fn is_misspelt_generic(token: &str) -> bool {
    let stem = singular(token);
    stem.len() >= 5
        && !has_digit(token)
        && GENERIC.iter().any(|word| word.len() >= 6 && strsim::osa_distance(&stem, word) <= 1)
}

/// Two words one edit apart share a word that is either with a letter left out (the deletion neighbourhood). That holds for their
/// beginnings of equal length too: what an edit shifts over the end is the last letter, which is left out once.
fn misspelling_keys(word: &str, letters: usize) -> Vec<String> {
    if word.len() <= 3 || has_digit(word) {
        return Vec::new();
    }
    let beginning: Vec<char> = word.chars().take(letters).collect();
    let whole = (word.len() < letters).then(|| format!("d:{word}"));
    let shortened = (0..beginning.len()).map(|gone| {
        let rest: String =
            beginning.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, letter)| letter).collect();
        format!("d:{rest}")
    });
    whole.into_iter().chain(shortened).collect()
}

/// A slip leaves the beginning or the end of a word as it was, and another one those of the other word.
fn half_keys(x: &str, y: &str) -> Vec<String> {
    let (x, y) = (halves(x), halves(y));
    let pair = |a: &String, b: &String| format!("h:{}+{}", a.min(b), a.max(b));
    x.iter().flat_map(|a| y.iter().map(move |b| pair(a, b))).collect()
}

/// The first three letters, and the last three without the plural's.
fn halves(word: &str) -> [String; 2] {
    let stem = singular(word);
    let end: String = stem.chars().skip(stem.len().saturating_sub(3)).collect();
    [word.chars().take(3).collect(), format!("-{end}")]
}

fn pair_keys(words: &[&str]) -> Vec<String> {
    let longest = words.iter().take(PAIRED_WORDS);
    let mut beginnings: Vec<String> = longest.map(|word| word.chars().take(4).collect()).collect();
    beginnings.sort_unstable();
    let rest = |at: usize| beginnings.iter().skip(at + 1);
    beginnings.iter().enumerate().flat_map(|(at, x)| rest(at).map(move |y| format!("p:{x}+{y}"))).collect()
}

/// Vowels go astray most often, and doubled letters. Fewer than four consonants would name too many words.
fn skeleton_key(word: &str) -> Option<String> {
    if has_digit(word) {
        return None;
    }
    let mut consonants: Vec<char> =
        singular(word).chars().filter(|c| !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')).collect();
    consonants.dedup();
    (consonants.len() >= 4).then(|| format!("k:{}", consonants.into_iter().collect::<String>()))
}
