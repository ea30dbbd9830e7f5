//! The schemas of what may be written short. The rest of the schema is derived from the types.
//!
//! Expressions and rules hold each other. Derived schemas do not follow fields marked `no_recursion`; the four types
//! here do, once: each adds what it reaches, and stops where its mark is there already.

use utoipa::openapi::{
    ObjectBuilder, Ref, RefOr, Schema, Type,
    schema::{AdditionalProperties, OneOfBuilder, SchemaType},
};
use utoipa::{PartialSchema, ToSchema};

use super::{
    Applies, AtLeastOf, Band, Between, Boundary, Case, Choose, Clamp, Comparison, Component, Construct, Contains,
    DatePlus, DayRange, EveryComponent, Expr, Group, Growth, Level, Linear, Literal, Lookup, Match, Metric, MonthDay,
    MonthsBack, NamedRule, NextOf, OfUnit, People, PerUnit, RateBand, Rates, Ratio, Round, Rows, Rule, Score, Steps,
    Trailing, Unit, Upper, Window,
};
use crate::{Number, Rounding, number::PATTERN};

type Schemas = Vec<(String, RefOr<Schema>)>;

fn add<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// Every schema that an expression or a rule reaches, once.
fn language(schemas: &mut Schemas) {
    if schemas.iter().any(|(name, _)| name == "Construct") {
        return;
    }
    // First, as the mark: what follows comes back here.
    schemas.push(("Construct".to_owned(), Construct::schema()));
    for (name, schema) in [
        ("Expr", Expr::schema()),
        ("Rule", Rule::schema()),
        ("Literal", Literal::schema()),
        ("MonthDay", MonthDay::schema()),
        ("Number", Number::schema()),
    ] {
        schemas.push((name.to_owned(), schema));
    }
    Construct::schemas(schemas);
    constructs(schemas);
    rules(schemas);
}

fn constructs(schemas: &mut Schemas) {
    add::<Rounding>(schemas);
    add::<Boundary>(schemas);
    add::<Applies>(schemas);
    add::<Unit>(schemas);
    add::<Match>(schemas);
    add::<Ratio>(schemas);
    add::<Growth>(schemas);
    add::<Clamp>(schemas);
    add::<Round>(schemas);
    add::<PerUnit>(schemas);
    add::<Linear>(schemas);
    add::<Steps>(schemas);
    add::<Band>(schemas);
    add::<Rates>(schemas);
    add::<RateBand>(schemas);
    add::<Lookup>(schemas);
    add::<Case>(schemas);
    add::<People>(schemas);
    add::<Rows>(schemas);
    add::<Window>(schemas);
    add::<Trailing>(schemas);
    add::<MonthsBack>(schemas);
    add::<DayRange>(schemas);
    add::<DatePlus>(schemas);
    add::<OfUnit>(schemas);
    add::<NextOf>(schemas);
}

fn rules(schemas: &mut Schemas) {
    add::<Comparison>(schemas);
    add::<Between>(schemas);
    add::<Upper>(schemas);
    add::<Level>(schemas);
    add::<Group>(schemas);
    add::<AtLeastOf>(schemas);
    add::<Contains>(schemas);
    add::<EveryComponent>(schemas);
    add::<Score>(schemas);
    add::<Component>(schemas);
    add::<Choose>(schemas);
}

fn scalar(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(kind))
}

fn described(words: &str) -> OneOfBuilder {
    OneOfBuilder::new().description(Some(words))
}

impl PartialSchema for Expr {
    fn schema() -> RefOr<Schema> {
        let name = "A name (`fact`, `fact.key`, `metric`, `score.NAME`, `row.COLUMN`, `as_of`), a day, or a number.";
        described("What a value is: a scalar as written, a name, or a construct.")
            .item(scalar(Type::Number))
            .item(scalar(Type::Boolean))
            .item(scalar(Type::String).description(Some(name)).min_length(Some(1)).max_length(Some(500)))
            .item(Ref::from_schema_name("Construct"))
            .into()
    }
}
impl ToSchema for Expr {
    fn schemas(schemas: &mut Schemas) {
        language(schemas);
    }
}

impl PartialSchema for Rule {
    fn schema() -> RefOr<Schema> {
        let name = "The name of a rule, or of a fact or metric that is true or false.";
        described("A condition: a name, a comparison or a group.")
            .item(scalar(Type::Boolean))
            .item(scalar(Type::String).description(Some(name)).min_length(Some(1)).max_length(Some(500)))
            .item(Ref::from_schema_name("Comparison"))
            .item(Ref::from_schema_name("Group"))
            .into()
    }
}
impl ToSchema for Rule {
    fn schemas(schemas: &mut Schemas) {
        language(schemas);
    }
}

impl PartialSchema for Literal {
    fn schema() -> RefOr<Schema> {
        let number = format!("A text, a day, or a number in quotes ({PATTERN}).");
        described("A value as written.")
            .item(scalar(Type::Number))
            .item(scalar(Type::Boolean))
            .item(scalar(Type::String).description(Some(number)).max_length(Some(500)))
            .into()
    }
}
impl ToSchema for Literal {}

/// Either the content alone, or a map that holds it with words about it.
fn short_or_long(content: &str, field: &str, extra: &[(&str, &str)]) -> RefOr<Schema> {
    let reference = Ref::from_schema_name(content);
    let mut long = scalar(Type::Object)
        .property(field, reference.clone())
        .required(field)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    for (name, words) in extra {
        long = long.property(*name, scalar(Type::String).description(Some(*words)).max_length(Some(2000)));
    }
    OneOfBuilder::new().item(reference).item(long).into()
}

const ABOUT: (&str, &str) = ("description", "What it is about.");

impl PartialSchema for Metric {
    fn schema() -> RefOr<Schema> {
        short_or_long("Expr", "value", &[ABOUT, ("unit", "What its numbers count.")])
    }
}
impl ToSchema for Metric {
    fn schemas(schemas: &mut Schemas) {
        language(schemas);
    }
}

impl PartialSchema for NamedRule {
    fn schema() -> RefOr<Schema> {
        short_or_long("Rule", "requires", &[ABOUT])
    }
}
impl ToSchema for NamedRule {
    fn schemas(schemas: &mut Schemas) {
        language(schemas);
    }
}
