//! Words that say little about which company a name means. Lower-case ASCII, as `any_ascii` folds them.
//!
//! Legal forms after the ISO 20275 list of entity legal forms (GLEIF), the common ones per country. A form that is also a word
//! ("spa", "as", "se") is removed as well: two spellings of one customer are likelier than two customers that differ by it alone,
//! and a name made of nothing else keeps it. "holding" stays: a holding is another company than what it holds.

/// Dropped like punctuation; "&" is punctuation already.
pub(super) const FILLERS: &[&str] = &["and", "the"];

/// Legal forms of one word, pointed ones joined ("s.p.a." is "spa", "a/s" is "as").
pub(super) const LEGAL_WORDS: &[&str] = &[
    // English-speaking countries, India, Singapore
    "inc incorporated corp corporation co company llc lllp llp lp pllc plc ltd limited ulc pbc cic pty pte pvt proprietary",
    // Germany, Austria, Switzerland, Liechtenstein
    "gmbh ggmbh mbh ag kg kgaa ohg ug ev eg ek gbr gesmbh aktiengesellschaft sagl",
    // European Union
    "se sce eeig",
    // France, Belgium, Luxembourg, francophone Africa
    "sa sas sasu sarl sarlu eurl sca scs snc sprl scrl srl asbl",
    // Italy, San Marino
    "spa srls sapa",
    // Netherlands, Flanders
    "bv nv cv vof bvba cvba vzw",
    // Denmark, Norway, Sweden, Finland, Iceland
    "ab as asa aps ans ivs aktiebolag aktieselskab oy oyj osakeyhtio hf ehf ohf",
    // Poland, Czechia, Slovakia, Hungary, Romania
    "spzoo sro vos kft zrt nyrt",
    // Slovenia, Croatia, Serbia, Bosnia, Bulgaria
    "doo dd dno eood ood ead ad",
    // Baltic states
    "sia uab ou",
    // Spain, Portugal, Latin America
    "sl slu slne sau sapi spr lda ltda eireli",
    // Japan
    "kk gk yk",
    // Malaysia, Indonesia
    "sdn bhd pt tbk",
    // Russia and neighbours
    "jsc ojsc pjsc cjsc ooo oao zao pao nao ao tov",
    // Turkey
    "sti",
    // Gulf states
    "fze fzco fzllc wll",
];

/// Legal forms of several words, removed where all of them occur, in whatever order. A form comes before those that are part of it.
pub(super) const LEGAL_PHRASES: &[&str] = &[
    "limited liability company",
    "limited liability partnership",
    "public limited company",
    "joint stock company",
    "limited partnership",
    "private limited",
    "gesellschaft mit beschrankter haftung",
    "societe par actions simplifiee",
    "societe a responsabilite limitee",
    "societe anonyme",
    "sa rl",
    "societa per azioni",
    "naamloze vennootschap",
    "besloten vennootschap",
    "spolka z ograniczona odpowiedzialnoscia",
    "spolka akcyjna",
    "sp z oo",
    "spol s ro",
    "sapi de cv",
    "sa de cv",
    "s de rl de cv",
    "s de rl",
    "sociedad anonima",
    "sociedad limitada",
    "sociedade limitada",
    "kabushiki kaisha",
    "godo kaisha",
    "yugen kaisha",
    "sendirian berhad",
    "perseroan terbatas",
    "anonim sirketi",
    "limited sirketi",
];

/// Legal forms of scripts that put no space between words, removed before folding. NFKC has spelt "㈱" as "(株)" by then. A form
/// comes before those that are part of it.
pub(super) const UNSPACED_LEGAL_FORMS: &[&str] = &[
    "株式会社",
    "有限会社",
    "合同会社",
    "(株)",
    "(有)",
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "주식회사",
    "유한회사",
    "(주)",
];

/// Words that so many names hold that alone they find nobody; in the singular. They weigh a quarter, and key only in company.
pub(super) const GENERIC_WORDS: &[&str] = &[
    "account agency associate business client company consulting customer demo digital enterprise global group holding industry",
    "international management manufacturing national network partner product sale service software solution supply support system",
    "tech technology test trade trading vendor worldwide",
];
