//! The tree of a Rust file: owned, `Send`, with byte spans.
//!
//! It keeps what a reader of the program needs (items, expressions, patterns, types, macro arguments) and leaves out tokens,
//! lifetimes and visibility. Parentheses are transparent: the inner expression stands for them.

use std::ops::Deref;
use std::sync::OnceLock;

use compact_str::CompactString;

use crate::source::Span;

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name, without `r#`. Most are short: they stand here and nowhere else.
    pub name: CompactString,
    /// Its bytes.
    pub span: Span,
}

impl Ident {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Inner attributes.
    pub attrs: Vec<Attr>,
    /// Items in order.
    pub items: Vec<Item>,
    /// Bodies of functions that were not read, braces included, in order; without those of tests.
    pub skipped: Vec<Span>,
}

impl File {
    /// The body of the function outside of other functions whose opening brace stands there.
    pub fn body_at(&self, brace: u32) -> Option<&Body> {
        body_in(&self.items, brace)
    }
}

fn body_in(items: &[Item], brace: u32) -> Option<&Body> {
    items.iter().find_map(|item| match &item.kind {
        ItemKind::Fn(function) => function.body.as_ref().filter(|body| body.span.start == brace),
        ItemKind::Impl { items, .. } | ItemKind::Trait(items) | ItemKind::Mod(Some(items)) => body_in(items, brace),
        // `const _: () = { impl .. };`
        ItemKind::Const { value: Some(value), .. } => match &value.kind {
            ExprKind::Block(block) => block.stmts.iter().find_map(|stmt| match stmt {
                Stmt::Item(item) => body_in(std::slice::from_ref(item), brace),
                _ => None,
            }),
            _ => None,
        },
        _ => None,
    })
}

/// An attribute or a doc comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Attr {
    /// Path with `::`, such as `derive` or `tokio::main`; `doc` for a doc comment.
    pub name: CompactString,
    /// Arguments of the list form, or the one value of the `name = value` form.
    pub args: Vec<Arg>,
    /// The whole attribute.
    pub span: Span,
}

/// An item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Attributes and doc comments.
    pub attrs: Vec<Attr>,
    /// The item's name; empty where it has none.
    pub name: Ident,
    /// What it is.
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `const` or `static`, also as a member of an impl or trait.
    Const {
        /// Its type; `None` inside a macro that leaves it out.
        ty: Option<Type>,
        /// Its value.
        value: Option<Expr>,
        /// `static` rather than `const`.
        is_static: bool,
    },
    /// A function or method.
    Fn(Box<Function>),
    /// A struct or union.
    Struct(Vec<Field>),
    /// An enum.
    Enum(Vec<Variant>),
    /// An implementation.
    Impl {
        /// The trait.
        trait_path: Option<Path>,
        /// The type.
        self_ty: Type,
        /// Type parameters and the trait that each of them is bounded by first.
        generics: Vec<(Ident, Path)>,
        /// The members.
        items: Vec<Item>,
    },
    /// A trait.
    Trait(Vec<Item>),
    /// A module; `None` when it stands in a file of its own.
    Mod(Option<Vec<Item>>),
    /// Imports, one entry per imported name.
    Use(Vec<Import>),
    /// `extern crate name as alias`.
    ExternCrate(Option<Ident>),
    /// `type name = ty`.
    TypeAlias(Type),
    /// `macro_rules! name`: the bytes of its body, which is not read.
    MacroRules(Span),
    /// A macro call in item position.
    Macro(Box<MacroCall>),
    /// Anything else.
    Other,
}

/// One imported name.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Full path, without a glob's star.
    pub path: Vec<Ident>,
    /// The name it has here; `None` for a glob.
    pub name: Option<Ident>,
}

/// A function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Parameters; a receiver is the path pattern `self` without a type.
    pub params: Vec<Param>,
    /// Type parameters and the trait that each of them is bounded by first.
    pub generics: Vec<(Ident, Path)>,
    /// Result type.
    pub output: Option<Type>,
    /// Body.
    pub body: Option<Body>,
}

impl Function {
    /// Whether the body was not read: it is there, with its span and without its statements.
    pub fn is_skipped(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.skipped && body.later.get().is_none())
    }
}

/// The body of a function, which may be read after the rest of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    first: Block,
    skipped: bool,
    later: OnceLock<Box<Block>>,
}

impl Body {
    pub(super) fn new(block: Block, skipped: bool) -> Self {
        Body { first: block, skipped, later: OnceLock::new() }
    }

    /// Takes the statements of a body that was left out. Those that are there stay.
    pub fn fill(&self, block: Block) {
        if self.skipped {
            self.later.get_or_init(|| Box::new(block));
        }
    }
}

impl Deref for Body {
    type Target = Block;

    fn deref(&self) -> &Block {
        self.later.get().map_or(&self.first, Box::as_ref)
    }
}

/// A parameter of a function or closure.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its pattern.
    pub pat: Pat,
    /// Its type.
    pub ty: Option<Type>,
}

/// A field of a struct or variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Attributes and doc comments.
    pub attrs: Vec<Attr>,
    /// Name; the position for a tuple field.
    pub name: Ident,
    /// Type.
    pub ty: Type,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Attributes and doc comments.
    pub attrs: Vec<Attr>,
    /// Name.
    pub name: Ident,
    /// Fields.
    pub fields: Vec<Field>,
}

/// A block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Statements.
    pub stmts: Vec<Stmt>,
    /// Braces included.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// `let pat: ty = init else { .. };`
    Let(Box<Let>),
    /// An item.
    Item(Box<Item>),
    /// An expression; `true` when a semicolon follows.
    Expr(Expr, bool),
}

/// A `let` statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// Attributes.
    pub attrs: Vec<Attr>,
    /// Pattern.
    pub pat: Pat,
    /// Type.
    pub ty: Option<Type>,
    /// Value.
    pub init: Option<Expr>,
    /// The `else` branch.
    pub otherwise: Option<Expr>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its bytes.
    pub span: Span,
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Lit {
    /// A string, decoded.
    Str(Box<str>),
    /// An integer: its digits as a number, where they fit.
    Int(Option<u64>),
    /// A float.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// A character.
    Char(char),
    /// Anything else.
    Other,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Lit(Lit),
    /// A path.
    Path(Path),
    /// `callee(args)`
    Call(Box<Expr>, Vec<Expr>),
    /// `receiver.method::<..>(args)`
    MethodCall(Box<MethodCall>),
    /// `name!(..)`
    Macro(Box<MacroCall>),
    /// `[a, b]`
    Array(Vec<Expr>),
    /// `[value; length]`
    Repeat(Box<Expr>, Box<Expr>),
    /// `(a, b)`
    Tuple(Vec<Expr>),
    /// `Path { field: value, ..rest }`
    Struct(Box<StructLit>),
    /// A closure.
    Closure(Vec<Param>, Box<Expr>),
    /// `{ .. }`, also `unsafe`, `const` and `try`.
    Block(Block),
    /// `async { .. }`
    Async(Block),
    /// `if cond { .. } else ..`
    If(Box<Expr>, Block, Option<Box<Expr>>),
    /// `match value { .. }`
    Match(Box<Expr>, Vec<Arm>),
    /// `let pat = value` as a condition.
    Let(Box<Pat>, Box<Expr>),
    /// `!x`, `-x`, `*x`
    Unary(char, Box<Expr>),
    /// `&x`, `&mut x`
    Reference(Box<Expr>),
    /// `a + b`; the operator as written, compound assignments included.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `a = b`
    Assign(Box<Expr>, Box<Expr>),
    /// `x as T`
    Cast(Box<Expr>, Box<Type>),
    /// `x[i]`
    Index(Box<Expr>, Box<Expr>),
    /// `x.name`
    Field(Box<Expr>, Ident),
    /// `a..b`; `true` for `..=`.
    Range(Option<Box<Expr>>, Option<Box<Expr>>, bool),
    /// `for pat in iter { .. }`
    For(Box<Pat>, Box<Expr>, Block),
    /// `while cond { .. }`
    While(Box<Expr>, Block),
    /// `loop { .. }`
    Loop(Block),
    /// `return x`
    Return(Option<Box<Expr>>),
    /// `break x`
    Break(Option<Box<Expr>>),
    /// `x?`
    Try(Box<Expr>),
    /// `x.await`
    Await(Box<Expr>),
    /// Anything else.
    Other,
}

/// A struct literal.
#[derive(Clone, Debug, PartialEq)]
pub struct StructLit {
    /// The type.
    pub path: Path,
    /// Fields; the shorthand `x` is `x: x`.
    pub fields: Vec<(Ident, Expr)>,
    /// The value after `..`.
    pub rest: Option<Expr>,
}

/// A method call.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodCall {
    /// The receiver.
    pub receiver: Expr,
    /// The method's name.
    pub method: Ident,
    /// Types between `::<` and `>`.
    pub generics: Vec<Type>,
    /// Arguments.
    pub args: Vec<Expr>,
}

/// An arm of a match.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Attributes.
    pub attrs: Vec<Attr>,
    /// Its pattern.
    pub pat: Pat,
    /// The condition after `if`.
    pub guard: Option<Expr>,
    /// Its value.
    pub body: Expr,
}

/// A macro call.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroCall {
    /// The macro's path.
    pub path: Path,
    /// The body's argument list, where it reads as one; else whatever expressions were found in it.
    pub args: Vec<Arg>,
    /// Whether the whole body reads as an argument list.
    pub is_list: bool,
    /// Items defined in the body (`lazy_static!`, `thread_local!`).
    pub items: Vec<Item>,
    /// Statements of the body, where it reads as statements.
    pub stmts: Vec<Stmt>,
    /// The bytes between the delimiters.
    pub body: Span,
}

/// How a key of a macro argument is tied to its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `k => v`
    FatArrow,
    /// `k = v`
    Equals,
    /// `k: v`
    Colon,
}

/// One argument of a macro or attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// The key of `k => v`, `k = v` and `k: v`.
    pub key: Option<Box<(Expr, Separator)>>,
    /// The value; `None` for tokens that are no expression.
    pub value: Option<Expr>,
    /// Whether a semicolon, not a comma, follows.
    pub semicolon: bool,
    /// The whole argument.
    pub span: Span,
}

/// A path such as `a::b::<T>::c`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// The type of `<T as Trait>::x`.
    pub qself: Option<Box<Type>>,
    /// Segments in order.
    pub segments: Vec<Segment>,
}

/// One segment of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The name.
    pub name: Ident,
    /// Type arguments; of `Fn(A) -> B` the inputs and the output.
    pub generics: Vec<Type>,
}

impl Path {
    /// The last segment's name.
    pub fn last(&self) -> &str {
        self.segments.last().map_or("", |s| s.name.as_str())
    }

    /// The name of a path of one segment.
    pub fn as_ident(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [only] if self.qself.is_none() => Some(only.name.as_str()),
            _ => None,
        }
    }

    /// The names of the segments.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.segments.iter().map(|s| s.name.as_str())
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Its bytes.
    pub span: Span,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// A path with its generic arguments.
    Path(Path),
    /// `&T`, `*const T`
    Reference(Box<Type>),
    /// `[T]`
    Slice(Box<Type>),
    /// `[T; n]`
    Array(Box<Type>, Box<Expr>),
    /// `(A, B)`
    Tuple(Vec<Type>),
    /// `fn(A) -> B`: inputs and output.
    Fn(Vec<Type>, Option<Box<Type>>),
    /// `impl A + B`, `dyn A + B`
    Bounds(Vec<Path>),
    /// A constant as generic argument.
    Const(Box<Expr>),
    /// Anything else.
    Other,
}

impl Type {
    /// The path of a path type.
    pub fn path(&self) -> Option<&Path> {
        match &self.kind {
            TypeKind::Path(path) => Some(path),
            _ => None,
        }
    }
}

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Pat {
    /// A binding, with the pattern after `@`.
    Ident(Ident, Option<Box<Pat>>),
    /// `_`
    Wild,
    /// A literal, constant or range.
    Value(Box<Expr>),
    /// `Path(a, b)`
    TupleStruct(Path, Vec<Pat>),
    /// `Path { field: pat }`
    Struct(Path, Vec<(Ident, Pat)>),
    /// `(a, b)`, `[a, b]`
    Tuple(Vec<Pat>),
    /// `a | b`
    Or(Vec<Pat>),
    /// `&p`
    Reference(Box<Pat>),
    /// Anything else.
    Other,
}

impl Pat {
    /// The name of a plain binding.
    pub fn as_ident(&self) -> Option<&Ident> {
        match self {
            Pat::Ident(name, None) => Some(name),
            _ => None,
        }
    }
}

/// Traits that say nothing of what a type is.
const MARKERS: [&str; 16] = [
    "Send",
    "Sync",
    "Unpin",
    "Sized",
    "Copy",
    "Clone",
    "Debug",
    "Default",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "Hash",
    "Display",
    "AsRef",
    "Into",
];

/// Whether a trait says nothing of what a type can do that a reader would look for.
pub(super) fn is_marker(name: &str) -> bool {
    MARKERS.contains(&name)
}
