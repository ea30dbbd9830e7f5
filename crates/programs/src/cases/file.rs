//! A case file as it is read: what is not understood in a reading is told with the case that needs it.

use serde_json::{Map, Value as Json};

/// A file of cases, and one reading of the rules that they follow.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// How the file was called.
    pub name: String,
    /// The program, or a title that lists several.
    pub program: String,
    /// The rules as published, by version.
    pub versions: Vec<Json>,
    /// Scores, by name.
    pub score_models: Map<String, Json>,
    /// Ladders, by name, lowest tier first.
    pub tier_tables: Map<String, Json>,
    /// Conditions, by name.
    pub rules: Map<String, Json>,
    /// What was worked out by hand.
    pub cases: Vec<Case>,
}

/// A worked case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its name in the file.
    pub id: String,
    /// The version of the rules that it follows.
    pub version: String,
    /// The facts.
    pub given: Map<String, Json>,
    /// What comes out; `round` among it is to how many decimals it is compared.
    pub expect: Map<String, Json>,
    /// Which part of the file's reading applies, and how.
    pub eval: Option<Map<String, Json>>,
}

impl CaseFile {
    /// Reads a file of JSON.
    ///
    /// # Errors
    /// What is wrong and where, behind the file's name.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(text).map_err(|error| format!("{name}: is not JSON: {error}"))?;
        Self::of(name, json).map_err(|(at, what)| format!("{name}: {at}: {what}"))
    }

    fn of(name: &str, json: Json) -> Result<Self, (String, String)> {
        let Json::Object(mut top) = json else { return Err(wrong("/", "is not a map")) };
        let mut section = |key: &str| match top.remove(key) {
            None | Some(Json::Null) => Ok(Map::new()),
            Some(Json::Object(map)) => Ok(map),
            Some(_) => Err(wrong(&format!("/{key}"), "is not a map by name")),
        };
        let (score_models, tier_tables, rules) = (section("score_models")?, section("tier_tables")?, section("rules")?);
        let program = match top.remove("program") {
            Some(Json::String(program)) => program,
            Some(_) => return Err(wrong("/program", "is not a text")),
            None => String::new(),
        };
        let versions = match top.remove("versions") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(versions)) => versions,
            Some(_) => return Err(wrong("/versions", "is not a list")),
        };
        let Some(Json::Array(listed)) = top.remove("cases") else {
            return Err(wrong("/cases", "is not a list of cases"));
        };
        let cases = listed.into_iter().enumerate().map(|(at, case)| Case::of(case, &format!("/cases/{at}")));
        let cases = cases.collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), program, versions, score_models, tier_tables, rules, cases })
    }
}

impl Case {
    fn of(json: Json, at: &str) -> Result<Self, (String, String)> {
        let Json::Object(mut case) = json else { return Err(wrong(at, "is not a map")) };
        let Some(Json::String(id)) = case.remove("id") else { return Err(wrong(&format!("{at}/id"), "is not a text")) };
        let at = format!("{at} ({id})");
        let mut map = |key: &str| match case.remove(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Object(map)) => Ok(Some(map)),
            Some(_) => Err(wrong(&format!("{at}/{key}"), "is not a map")),
        };
        let (given, expect, eval) = (map("given")?.unwrap_or_default(), map("expect")?, map("eval")?);
        let Some(expect) = expect.filter(|expect| expect.keys().any(|key| key != "round")) else {
            return Err(wrong(&format!("{at}/expect"), "expects nothing"));
        };
        let version = match case.remove("version") {
            None | Some(Json::Null) => String::new(),
            Some(Json::String(version)) => version,
            Some(_) => return Err(wrong(&format!("{at}/version"), "is not a text")),
        };
        let case = Self { id, version, given, expect, eval };
        match case.expect.get("round") {
            Some(_) if case.decimals().is_none() => {
                Err(wrong(&format!("{at}/expect/round"), "is no number of decimals from 0 to 12"))
            }
            _ => Ok(case),
        }
    }

    /// To how many decimals numbers are compared.
    pub(super) fn decimals(&self) -> Option<u8> {
        let decimals = self.expect.get("round")?.as_u64()?;
        u8::try_from(decimals).ok().filter(|decimals| *decimals <= 12)
    }

    /// What is expected, without what says how to compare it.
    pub(super) fn expected(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.expect.iter().filter(|(name, _)| *name != "round").map(|(name, value)| (name.as_str(), value))
    }
}

fn wrong(at: &str, what: &str) -> (String, String) {
    (at.to_owned(), what.to_owned())
}
