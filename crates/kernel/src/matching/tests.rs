use proptest::prelude::*;

use super::*;

fn name(text: &str) -> NormalizedName {
    NormalizedName::new(text)
}

fn alike(a: &str, b: &str) -> u16 {
    similarity(&name(a), &name(b))
}

fn share_key(a: &NormalizedName, b: &NormalizedName) -> bool {
    let keys = blocking_keys(a);
    blocking_keys(b).iter().any(|key| keys.contains(key))
}

#[test]
fn spellings_of_one_name_are_equal() {
    for (a, b) in [
        ("A.C.M.E. Inc.", "acme"),
        ("Acme GmbH & Co. KG", "ACME"),
        ("Johnson and Johnson", "Johnson & Johnson, Inc"),
        ("The Müller Company", "muller"),
        ("L’Oréal S.A.", "LOreal"),
        ("Acme S. de R.L. de C.V.", "Acme"),
        ("Acme S.A. de C.V.", "Acme, S. A."),
        ("Żabka Polska sp. z o.o.", "Zabka Polska"),
        ("Škoda Auto a.s.", "skoda auto"),
        ("ČEZ spol. s r.o.", "cez"),
        ("Novo Nordisk A/S", "Nordisk Novo"),
        ("Koç Holding A.Ş.", "Koc Holding"),
        ("Güneş Tekstil Ltd. Şti.", "Gunes Tekstil"),
        ("Skeleton Technologies OÜ", "Skeleton Technologies"),
        ("ООО Ромашка", "romashka"),
        ("トヨタ自動車株式会社", "トヨタ自動車"),
        ("㈱日立", "日立"),
        ("Toyota Kabushiki Kaisha", "K.K. Toyota"),
        ("Petronas Sdn. Bhd.", "Petronas"),
        ("Infosys Private Limited", "Infosys Pvt. Ltd."),
        ("Arcelor S.à r.l.", "Arcelor SARL"),
        ("ＡＣＭＥ　Ｌｔｄ", "acme"),
    ] {
        assert_eq!(name(a), name(b), "{a} / {b}");
        assert_eq!(alike(a, b), 1000);
    }
}

#[test]
fn what_tells_companies_apart_stays() {
    assert_eq!(name("The Limited").as_str(), "limited the");
    assert_eq!(name("Acme Holding AG").as_str(), "acme holding");
    assert_eq!(name("Private Equity Partners Inc").as_str(), "equity partners private");
    assert_eq!(name("A & S Plumbing").as_str(), "a plumbing s");
    assert!(!name("株式会社").is_empty());
    assert!(name(" .-/' ").is_empty());
    assert!(blocking_keys(&name("")).is_empty());
}

#[test]
fn misspelt_names_score_high_and_others_low() {
    for (a, b) in [
        ("Acme Industries", "ACME Industry GmbH"),
        ("Müller Maschinenbau", "Mueller Maschinenbau AG"),
        ("Northwind Traders", "Nortwhind Traders"),
        ("Contoso", "Contosso"),
        ("Contoso Group", "Contoso"),
    ] {
        assert!(alike(a, b) >= 900, "{a} / {b}: {}", alike(a, b));
    }
    for (a, b) in [
        ("Acme Industries", "Acme Logistics"),
        ("Acme Interactive", "Acme International"),
        ("Zenith Industries", "Acme Industries"),
        ("Bolt Pharmaceuticals", "Dyno Pharmaceuticals"),
        ("ABC Mining", "ABD Mining"),
        ("Eastern Power", "Western Power"),
        ("", "Acme"),
    ] {
        assert!(alike(a, b) < 850, "{a} / {b}: {}", alike(a, b));
    }
    for (a, b) in
        [("Account 10021", "Account 10022"), ("Contoso Manufacturing Plant 1", "Contoso Manufacturing Plant 2")]
    {
        assert!(alike(a, b) < 800, "{a} / {b}: {}", alike(a, b));
    }
}

#[test]
fn a_numbered_name_keys_by_its_number() {
    assert_eq!(blocking_keys(&name("Account 10021")), ["t:10021"]);
    assert_eq!(blocking_keys(&name("Account 7")), ["t:7"]);
    assert!(!share_key(&name("Account 10021"), &name("Account 10022")));
    assert_eq!(blocking_keys(&name("Acme Industries Group")), ["d:ace", "d:acm", "d:acme", "d:ame", "d:cme", "t:acme"]);
}

const NAMES: &str = "\
    Contoso|Northwind Traders|Fabrikam Group|Tailspin Toys|Wingtip International|\
    Adventure Works Cycles|Litware|Proseware Systems|Lucerne Publishing|\
    Graphic Design Institute|Humongous Insurance|Margie Travel|Trey Research|\
    Alpine Ski House|Coho Winery|Blue Yonder Airlines|City Power Light|\
    Consolidated Messenger|Fourth Coffee|Woodgrove Bank|Southridge Video|Bellows College|\
    Lamna Healthcare|Relecloud|Nod Publishers|Munson Pickles Preserves|\
    Liberty Delightful Sinful Bakery|Olivia Wilson Consulting|First Up Consultants|\
    Best For You Organics|Vanarsdel|Globex Corporation|Initech Solutions|\
    Umbrella Pharmaceuticals|Hooli Technologies|Vehement Capital Partners|Massive Dynamic|\
    Stark Fabrication|Wayne Aerospace|Cyberdyne Systems|Tyrell Robotics|Soylent Foods|\
    Wonka Confectionery|Duff Brewing|Gringotts Banking|Ollivander Wands|\
    Oscorp Chemical Works|Weyland Mining|Aperture Laboratories|Sirius Cybernetics|\
    Krusty Burger|Virtucon|Zorg Manufacturing|Monarch Solutions|Bluth Homes|\
    Dunder Mifflin Paper|Prestige Worldwide|Pied Piper Software|Veridian Dynamics Research|\
    Genco Olive Oil Import";

/// Every letter left out, doubled, replaced and swapped with the next, one at a time.
fn slips(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let inside = (0..letters.len()).filter(|at| letters.get(*at).is_some_and(|c| c.is_alphabetic()));
    inside
        .flat_map(|at| {
            let (before, after) = letters.split_at(at);
            let join = |middle: &[char], rest: usize| {
                [before, middle, after.get(rest..).unwrap_or_default()].concat().into_iter().collect::<String>()
            };
            let letter = after.first().copied().unwrap_or_default();
            let other = if letter == 'x' { 'k' } else { 'x' };
            let swapped = after.get(1).filter(|next| next.is_alphabetic()).map(|next| join(&[*next, letter], 2));
            [join(&[], 1), join(&[letter, letter], 1), join(&[other], 1), join(&[other, letter], 1)]
                .into_iter()
                .chain(swapped)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn slips_twice(text: &str) -> Vec<String> {
    slips(text).iter().step_by(5).flat_map(|once| slips(once).into_iter().step_by(11)).collect()
}

/// How many misspellings for which `counts` holds share a key with their original, and how many there are.
fn recall(
    misspell: impl Fn(&str) -> Vec<String>,
    counts: impl Fn(&NormalizedName, &NormalizedName) -> bool,
) -> (usize, usize) {
    let (mut found, mut all) = (0, 0);
    for original in NAMES.split('|') {
        let a = name(original);
        for b in misspell(original).iter().map(|text| name(text)).filter(|b| counts(&a, b)) {
            all += 1;
            found += usize::from(share_key(&a, &b));
        }
    }
    (found, all)
}

#[test]
fn nearly_every_misspelling_shares_a_key() {
    let high = |a: &NormalizedName, b: &NormalizedName| similarity(a, b) >= 880;
    let (found, all) = recall(slips, |_, _| true);
    assert!(all > 4000 && found * 1000 >= all * 999, "one slip: {found} of {all}");
    let (found, all) = recall(slips, high);
    assert!(all > 4000 && found == all, "one slip, high score: {found} of {all}");
    let (found, all) = recall(slips_twice, high);
    assert!(all > 4000 && found * 1000 >= all * 960, "two slips, high score: {found} of {all}");
}

#[test]
fn different_names_rarely_share_a_key() {
    let names: Vec<_> = NAMES.split('|').map(name).collect();
    let later = |at: usize| names.iter().skip(at + 1);
    let shared: usize = names.iter().enumerate().map(|(at, a)| later(at).filter(|b| share_key(a, b)).count()).sum();
    assert!(shared <= 4, "{shared} of 1770 pairs");
}

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..300).prop_map(|chars| chars.into_iter().collect())
}

/// Words from few letters, so that many resemble each other, among words that the tables know.
fn words() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        4 => "[abé]{1,7}",
        1 => "[a-zA-Z0-9ß&'-]{1,9}",
        1 => prop::sample::select(vec!["Group", "GmbH", "Co", "de", "S.A.", "z", "sp", "private", "limited", "the", "7"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(word, 0..16)
}

proptest! {
    #[test]
    fn any_text_is_handled_within_bounds(a in any_text(), b in any_text()) {
        let (a, b) = (name(&a), name(&b));
        prop_assert_eq!(&name(a.as_str()), &a);
        prop_assert_eq!(&NormalizedName::from_stored(a.as_str()), &a);
        prop_assert!(a.tokens().len() <= MAX_TOKENS && a.tokens().iter().all(|token| token.len() <= MAX_TOKEN_CHARS));
        prop_assert_eq!(similarity(&a, &b) == 1000, a == b);
        let keys = blocking_keys(&a);
        prop_assert!(keys.len() <= 12 && keys.is_sorted_by(|x, y| x < y));
        prop_assert!(keys.iter().all(|key| key.is_ascii() && key.len() <= 66));
        prop_assert_eq!(keys.is_empty(), a.is_empty());
    }

    #[test]
    fn word_order_does_not_matter(
        (words, shuffled) in words()
            .prop_map(|words| words.into_iter().filter(|word| !word.contains('.')).collect::<Vec<_>>())
            .prop_flat_map(|words| (Just(words.clone()), Just(words).prop_shuffle())),
    ) {
        prop_assert_eq!(name(&words.join(" ")), name(&shuffled.join(" ")));
    }

    #[test]
    fn similar_words_normalize_once_and_compare_both_ways(a in words(), b in words()) {
        let (a, b) = (name(&a.join(" ")), name(&b.join(" ")));
        prop_assert_eq!(&name(a.as_str()), &a);
        prop_assert_eq!(similarity(&a, &b), similarity(&b, &a));
        prop_assert_eq!(similarity(&a, &b) == 1000, a == b);
        prop_assert!(similarity(&a, &b) <= 1000);
        prop_assert!(a != b || blocking_keys(&a) == blocking_keys(&b));
    }
}
