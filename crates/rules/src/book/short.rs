//! Reading what may be written short: a scalar instead of a map, a construct instead of a map that holds it.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        self, IntoDeserializer,
        value::{MapAccessDeserializer, StringDeserializer},
    },
    ser::SerializeMap,
};

use super::{Comparison, Construct, Expr, Group, Metric, NamedRule, Rule, literal::date};
use crate::{Number, value::Value};

/// A map whose first key has been read already, to see what the map is.
struct Replay<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: de::MapAccess<'de>> de::MapAccess<'de> for Replay<A> {
    type Error = A::Error;
    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(key) = self.first.take() else { return self.rest.next_key_seed(seed) };
        let key: StringDeserializer<A::Error> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }
    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

fn replay<'de, A: de::MapAccess<'de>>(mut map: A, empty: &str) -> Result<(String, Replay<A>), A::Error> {
    let first: String = map.next_key()?.ok_or_else(|| de::Error::custom(empty))?;
    Ok((first.clone(), Replay { first: Some(first), rest: map }))
}

fn exhausted<'de, T, A: de::MapAccess<'de>>(read: T, replay: &mut A) -> Result<T, A::Error> {
    match replay.next_key::<String>()? {
        Some(key) => Err(de::Error::custom(format!("has the further key {key}: a construct is a map with one key"))),
        None => Ok(read),
    }
}

/// Reads an enum whose variant is the map's only key.
struct OneKey<'a, A>(&'a mut Replay<A>);

impl<'de, A: de::MapAccess<'de>> de::MapAccess<'de> for OneKey<'_, A> {
    type Error = A::Error;
    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }
    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

fn one_key<'de, T: Deserialize<'de>, A: de::MapAccess<'de>>(mut map: Replay<A>) -> Result<T, A::Error> {
    let read = T::deserialize(MapAccessDeserializer::new(OneKey(&mut map)))?;
    exhausted(read, &mut map)
}

impl Expr {
    /// What a text stands for where an expression stands: a number, a date or a name.
    fn from_text(text: &str) -> Result<Self, String> {
        if Number::looks_like(text) {
            return text.parse().map(|number| Self::Literal(Value::Number(number)));
        }
        if let Some(day) = date(text) {
            return Ok(Self::Literal(Value::Date(day)));
        }
        if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Err(format!("\"{text}\" is no name, number or date; a text is written {{text: ...}}"));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> de::Visitor<'de> for Written {
            type Value = Expr;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a name, a date, true or false, or a construct")
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Expr, E> {
                Ok(Expr::Literal(Value::Boolean(value)))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Expr, E> {
                Expr::from_text(&value.to_string()).map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Expr, E> {
                Expr::from_text(&value.to_string()).map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Expr, E> {
                Number::from_float(value).map(|it| Expr::Literal(Value::Number(it))).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Expr, E> {
                Expr::from_text(text).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Expr, A::Error> {
                let (_, map) = replay(map, "is empty: a construct is a map with one key")?;
                one_key::<Construct, A>(map).map(Box::new).map(Expr::Construct)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl Serialize for Expr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(Value::Text(text)) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("text", &**text)?;
                map.end()
            }
            Self::Literal(value) => value.serialize(serializer),
            Self::Name(name) => serializer.serialize_str(name),
            Self::Construct(construct) => construct.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> de::Visitor<'de> for Written {
            type Value = Rule;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, true or false, a comparison {metric: ...} or a group such as {all: [...]}")
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Rule, E> {
                Ok(Rule::Always(value))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Rule, E> {
                Ok(Rule::Name(text.to_owned()))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                let (key, map) = replay(map, "is empty: a rule compares something or is a group")?;
                if Comparison::KEYS.contains(&key.as_str()) {
                    let comparison = Comparison::deserialize(MapAccessDeserializer::new(map))?;
                    return Ok(Rule::Comparison(Box::new(comparison)));
                }
                // It may be meant as either: a map's keys come in any order.
                if !Rule::KEYS.contains(&key.as_str()) {
                    return Err(de::Error::unknown_field(&key, &Rule::KEYS));
                }
                one_key::<Group, A>(map).map(Box::new).map(Rule::Group)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Always(it) => serializer.serialize_bool(*it),
            Self::Name(name) => serializer.serialize_str(name),
            Self::Comparison(comparison) => comparison.serialize(serializer),
            Self::Group(group) => group.serialize(serializer),
        }
    }
}

/// Implements reading of a type that is either its content alone, or a map of which the content is one key.
macro_rules! short_or_long {
    ($type:ident, $content:ty, $field:ident, $keys:expr, { $($extra:ident),* }) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Long { $(#[serde(default)] $extra: Option<String>,)* $field: $content }
                struct Written;
                impl<'de> de::Visitor<'de> for Written {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, concat!("what it is, or a map with ", stringify!($field)))
                    }
                    fn visit_bool<E: de::Error>(self, value: bool) -> Result<$type, E> {
                        <$content>::deserialize(value.into_deserializer()).map(short)
                    }
                    fn visit_i64<E: de::Error>(self, value: i64) -> Result<$type, E> {
                        <$content>::deserialize(value.into_deserializer()).map(short)
                    }
                    fn visit_u64<E: de::Error>(self, value: u64) -> Result<$type, E> {
                        <$content>::deserialize(value.into_deserializer()).map(short)
                    }
                    fn visit_f64<E: de::Error>(self, value: f64) -> Result<$type, E> {
                        <$content>::deserialize(value.into_deserializer()).map(short)
                    }
                    fn visit_str<E: de::Error>(self, value: &str) -> Result<$type, E> {
                        <$content>::deserialize(value.into_deserializer()).map(short)
                    }
                    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        let (key, map) = replay(map, "is empty")?;
                        if $keys.contains(&key.as_str()) {
                            let Long { $($extra,)* $field } = Long::deserialize(MapAccessDeserializer::new(map))?;
                            return Ok($type { $($extra,)* $field, short: false });
                        }
                        <$content>::deserialize(MapAccessDeserializer::new(map)).map(short)
                    }
                }
                fn short($field: $content) -> $type {
                    $type { $($extra: None,)* $field, short: true }
                }
                deserializer.deserialize_any(Written)
            }
        }
    };
}

short_or_long!(Metric, Expr, value, ["value", "description", "unit"], { description, unit });
short_or_long!(NamedRule, Rule, requires, ["requires", "description"], { description });
