//! Numbers of which every reader understands the same.

/// The most digits that a number with a decimal point keeps in every reader.
const DIGITS: usize = 15;

/// What is wrong with a number as it is written, if every reader would not read it as the very same number.
pub(crate) fn fault(text: &str) -> Option<String> {
    let broken = text.contains(['.', 'e', 'E']);
    if !broken {
        let fits = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
        return (!fits).then(|| format!("is too large to be read exactly: write it as text, \"{}\"", shown(text)));
    }
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
    if significant > DIGITS {
        let words = format!("has more than {DIGITS} digits, which not every reader keeps: write it as text");
        return Some(format!("{words}, \"{}\"", shown(text)));
    }
    let read = text.parse::<f64>().ok();
    let lost = read == Some(0.0) && significant > 0;
    let fits = read.is_some_and(f64::is_finite) && !lost;
    (!fits).then(|| "is too large or too small to be read exactly".to_owned())
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
