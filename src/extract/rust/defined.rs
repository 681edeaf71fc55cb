//! What one file, or the body of one of its functions, defines.

use super::attributes;
use super::parsed::Parsed;
use super::paths::module_of;
use super::places::extent;
use super::world::{Constant, EVERYWHERE, FunctionAt, MacroAt, Names, Place, TypeAt, TypeDef};
use crate::knowledge::libraries;
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Import, Item, ItemKind, MacroCall, Path, Stmt};

/// Text that only code holds which gives a registry of the `prometheus` crate a prefix or labels.
const CUSTOM_REGISTRY: &str = "new_custom";

/// What is defined, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Defined<'a> {
    pub(super) file: usize,
    pub(super) names: Names<'a>,
    /// By name.
    pub(super) constants: Vec<(&'a str, Constant<'a>)>,
    pub(super) functions: Vec<FunctionAt<'a>>,
    pub(super) types: Vec<TypeAt<'a>>,
    pub(super) macros: Vec<MacroAt<'a>>,
    /// Traits, and type parameters that a trait is implemented for.
    pub(super) shared: Vec<&'a str>,
    /// Calls of macros where items stand.
    pub(super) item_macros: Vec<&'a MacroCall>,
    /// First segments of everything imported or named with `extern crate`.
    pub(super) roots: Vec<&'a str>,
    /// Crates of libraries that are imported through another crate or module.
    pub(super) through: Vec<&'a str>,
    /// Crates of `#[macro_use] extern crate`.
    pub(super) macro_use: Vec<&'a str>,
    pub(super) customizes_registries: bool,
}

impl<'a> Defined<'a> {
    /// What a file defines, which sees these names, too.
    pub(super) fn of(file: usize, parsed: &'a Parsed, names: Names<'a>) -> Self {
        let custom = memchr::memmem::find(parsed.source.code().as_bytes(), CUSTOM_REGISTRY.as_bytes()).is_some();
        let mut this = Defined { file, names, customizes_registries: custom, ..Defined::default() };
        this.items(&parsed.tree.items, whole(file, parsed));
        this
    }

    /// What the body of a function whose brace stands there defines, in a file that sees these names.
    pub(super) fn of_body(file: usize, parsed: &'a Parsed, brace: u32, names: Names<'a>) -> Self {
        let mut this = Defined { file, names, ..Defined::default() };
        this.find(&parsed.tree.items, brace, whole(file, parsed));
        this
    }

    /// Whether the body was found among items, and taken in.
    fn find(&mut self, items: &'a [Item], brace: u32, place: Place<'a>) -> bool {
        items.iter().any(|item| match &item.kind {
            ItemKind::Fn(function) => {
                let body = function.body.as_ref().filter(|body| body.span.start == brace);
                body.inspect(|body| self.block(body, place)).is_some()
            }
            ItemKind::Impl { self_ty, items, trait_path, .. } => {
                let owner = self_ty.path().map(|p| p.last());
                self.find(items, brace, Place { owner, implements: trait_path.as_ref().map(Path::last), ..place })
            }
            ItemKind::Trait(items) => self.find(items, brace, Place { owner: Some(item.name.as_str()), ..place }),
            // `const _: () = { impl .. };`
            ItemKind::Const { value: Some(value), .. } => made_in(value).is_some_and(|block| {
                let inner = Place { owner: None, implements: None, within: block.span, ..place };
                block.stmts.iter().any(|stmt| matches!(stmt, Stmt::Item(item) if self.find(std::slice::from_ref(item), brace, inner)))
            }),
            ItemKind::Mod(Some(items)) => {
                self.find(items, brace, Place { module: item.name.as_str(), within: extent(item, items), ..place })
            }
            _ => false,
        })
    }

    fn items(&mut self, items: &'a [Item], place: Place<'a>) {
        for item in items {
            self.item(item, place);
        }
    }

    /// The items that stand in a block.
    fn block(&mut self, block: &'a Block, place: Place<'a>) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Item(inner) => self.item(inner, Place { owner: None, implements: None, within: block.span, ..place }),
                Stmt::Expr(Expr { kind: ExprKind::Block(inner), .. }, _) => self.block(inner, place),
                _ => {}
            }
        }
    }

    fn item(&mut self, item: &'a Item, place: Place<'a>) {
        let name = item.name.as_str();
        match &item.kind {
            ItemKind::Const { value, ty, .. } => {
                self.constants.push((name, Constant { place, ty: ty.as_ref(), value: value.as_ref() }));
                if let Some(block) = value.as_ref().and_then(made_in) {
                    self.block(block, place);
                }
            }
            ItemKind::Fn(function) => {
                self.functions.push(FunctionAt { place, item, function });
                if let Some(body) = &function.body {
                    self.block(body, place);
                }
            }
            ItemKind::Struct(fields) => self.types.push(TypeAt { place, item, kind: TypeDef::Struct(fields) }),
            ItemKind::Enum(variants) => self.types.push(TypeAt { place, item, kind: TypeDef::Enum(variants) }),
            ItemKind::TypeAlias(ty) if place.owner.is_none() => self.types.push(TypeAt { place, item, kind: TypeDef::Alias(ty) }),
            ItemKind::Impl { self_ty, items, trait_path, .. } => {
                let owner = self_ty.path().map(|p| p.last());
                self.shared.extend(owner.filter(|ty| trait_path.is_some() && ty.len() == 1));
                self.items(items, Place { owner, implements: trait_path.as_ref().map(Path::last), ..place });
            }
            ItemKind::Trait(items) => {
                self.shared.push(name);
                self.items(items, Place { owner: Some(name), ..place });
            }
            ItemKind::Mod(items) => {
                self.names.modules.insert(name);
                if let Some(items) = items {
                    self.items(items, Place { module: name, within: extent(item, items), ..place });
                }
            }
            ItemKind::Macro(call) => {
                self.item_macros.push(call);
                self.items(&call.items, place);
            }
            ItemKind::MacroRules(body) => self.macros.push(MacroAt { name, file: place.file, body: *body }),
            ItemKind::ExternCrate(alias) => {
                self.roots.push(name);
                if attributes::has(&item.attrs, "macro_use") {
                    self.macro_use.push(name);
                }
                self.names.imports.insert(alias.as_ref().map_or(name, |a| a.as_str()), vec![name]);
            }
            ItemKind::Use(imports) => imports.iter().for_each(|import| self.import(import, place.module)),
            _ => {}
        }
    }

    fn import(&mut self, import: &'a Import, module: &'a str) {
        let path: Vec<&'a str> = import.path.iter().map(|i| i.as_str()).collect();
        self.roots.extend(path.first());
        // What a crate of the tree hands on: `use shared::prometheus::..`.
        if let [_, handed_on, _, ..] = path.as_slice()
            && libraries::all().iter().any(|l| l.crates.iter().any(|krate| krate == handed_on))
        {
            self.through.push(handed_on);
        }
        match &import.name {
            Some(name) => {
                self.names.inner.insert((module, name.as_str()), path.clone());
                self.names.imports.insert(name.as_str(), path);
            }
            None => self.names.globs.push(path),
        }
    }
}

fn whole<'a>(file: usize, parsed: &'a Parsed) -> Place<'a> {
    let module = parsed.origin.as_ref().and_then(|o| o.module.as_deref()).unwrap_or_else(|| module_of(&parsed.source.path));
    Place { file, module, owner: None, implements: None, within: EVERYWHERE }
}

/// The block that makes the value of a constant or static: `LazyLock::new(|| { .. })`.
fn made_in(value: &Expr) -> Option<&Block> {
    match &value.kind {
        ExprKind::Block(block) => Some(block),
        ExprKind::Closure(_, body) => made_in(body),
        ExprKind::Call(_, args) => args.iter().find_map(made_in),
        _ => None,
    }
}
