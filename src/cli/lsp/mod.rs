//! `reduse lsp`: findings while somebody types.
//!
//! The only part that knows the language server protocol. The whole tree is judged again, with what is not saved yet, whenever the
//! editor has been quiet for a moment: that takes less time than a person notices, and a metric that is renamed here breaks an alert
//! in a file that is not open.

mod hover;
mod places;
mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Exit, Notification as _,
    PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{CodeActionRequest, HoverRequest, RegisterCapability, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, Diagnostic, DidChangeTextDocumentParams,
    DidChangeWatchedFilesRegistrationOptions, DidCloseTextDocumentParams, DidOpenTextDocumentParams, FileSystemWatcher, GlobPattern,
    HoverParams, HoverProviderCapability, InitializeParams, InitializeResult, MessageType, PositionEncodingKind, PublishDiagnosticsParams,
    Registration, RegistrationParams, ServerCapabilities, ServerInfo, ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::args::LspArgs;
use super::terminal::Terminal;
use super::{Failure, Outcome};
use places::Encoding;
use tree::{Judged, Open, Tree};

/// How long nothing has to come before the tree is judged.
const QUIET: Duration = Duration::from_millis(200);

/// Files whose changes on the disk matter.
const WATCHED: &str = "**/{*.rs,*.py,*.yaml,*.yml,*.rules,*.json,*.prom,reduse.toml,Cargo.toml,Cargo.lock}";

pub(super) fn run(args: &LspArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let (connection, threads) = Connection::stdio();
    let served = Server::start(&connection, args, terminal).and_then(|mut server| server.serve());
    drop(connection);
    threads.join().map_err(|e| Failure::Io(format!("the connection to the editor broke: {e}")))?;
    served
}

/// A mistake of the editor, or the end of it.
fn broken(what: impl std::fmt::Display) -> Failure {
    Failure::Io(format!("the connection to the editor broke: {what}"))
}

struct Server<'a> {
    connection: &'a Connection,
    tree: Tree<'a>,
    judged: Judged,
    /// Something came since the tree was judged.
    stale: bool,
    /// What the editor shows, by file.
    shown: BTreeMap<String, Vec<Diagnostic>>,
    /// What the user was told last.
    told: Option<String>,
    /// Whether the editor has to be asked to watch files.
    registers: bool,
}

impl<'a> Server<'a> {
    fn start(connection: &'a Connection, args: &'a LspArgs, terminal: &'a Terminal) -> Result<Self, Failure> {
        let (id, params) = connection.initialize_start().map_err(broken)?;
        let params: InitializeParams = serde_json::from_value(params).map_err(broken)?;
        let general = params.capabilities.general.as_ref();
        let utf8 = general.and_then(|g| g.position_encodings.as_ref()).is_some_and(|e| e.contains(&PositionEncodingKind::UTF8));
        let encoding = if utf8 { Encoding::Utf8 } else { Encoding::Utf16 };
        let watched = params.capabilities.workspace.as_ref().and_then(|w| w.did_change_watched_files);
        let tree = Tree::new(folders(&params), encoding, args, terminal)?;
        let result = InitializeResult {
            capabilities: capabilities(encoding),
            server_info: Some(ServerInfo { name: "reduse".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) }),
        };
        connection.initialize_finish(id, serde_json::to_value(result).map_err(broken)?).map_err(broken)?;
        let registers = watched.and_then(|w| w.dynamic_registration).unwrap_or(false);
        Ok(Server { connection, tree, judged: Judged::default(), stale: true, shown: BTreeMap::new(), told: None, registers })
    }

    fn serve(&mut self) -> Result<Outcome, Failure> {
        if self.registers {
            self.watch()?;
        }
        loop {
            let message = if self.stale {
                match self.connection.receiver.recv_timeout(QUIET) {
                    Ok(message) => message,
                    Err(error) if error.is_timeout() => {
                        self.judge()?;
                        continue;
                    }
                    Err(_) => return Err(broken("it ended without `exit`")),
                }
            } else {
                self.connection.receiver.recv().map_err(|_| broken("it ended without `exit`"))?
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request).map_err(broken)? {
                        return Ok(Outcome::Clean);
                    }
                    let response = self.answer(request)?;
                    self.send(Message::Response(response))?;
                }
                // Without `shutdown` before it, which the protocol calls a failure.
                Message::Notification(notification) if notification.method == Exit::METHOD => return Ok(Outcome::Findings),
                Message::Notification(notification) => self.note(notification),
                Message::Response(_) => {}
            }
        }
    }

    fn send(&self, message: Message) -> Result<(), Failure> {
        self.connection.sender.send(message).map_err(broken)
    }

    fn notify<N: lsp_types::notification::Notification>(&self, params: N::Params) -> Result<(), Failure> {
        self.send(Message::Notification(Notification::new(N::METHOD.to_owned(), params)))
    }

    /// Asks the editor to tell which files change on the disk.
    fn watch(&self) -> Result<(), Failure> {
        let watcher = FileSystemWatcher { glob_pattern: GlobPattern::String(WATCHED.to_owned()), kind: None };
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
        let registration = Registration {
            id: "files".to_owned(),
            method: DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: Some(serde_json::to_value(options).map_err(broken)?),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        self.send(Message::Request(Request::new("watch".to_owned().into(), RegisterCapability::METHOD.to_owned(), params)))
    }

    fn note(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Some(DidOpenTextDocumentParams { text_document: document }) = read(params) else { return };
                self.tree.open(Open { uri: document.uri, version: document.version, text: document.text });
            }
            DidChangeTextDocument::METHOD => {
                let Some(DidChangeTextDocumentParams { text_document: document, content_changes }) = read(params) else { return };
                // Every change is the whole text: that is what was asked for.
                let Some(change) = content_changes.into_iter().next_back() else { return };
                self.tree.open(Open { uri: document.uri, version: document.version, text: change.text });
            }
            DidCloseTextDocument::METHOD => {
                let Some(DidCloseTextDocumentParams { text_document: document }) = read(params) else { return };
                self.tree.close(&document.uri);
            }
            DidSaveTextDocument::METHOD | DidChangeWatchedFiles::METHOD => {}
            _ => return,
        }
        self.stale = true;
    }

    fn answer(&mut self, request: Request) -> Result<Response, Failure> {
        let Request { id, method, params } = request;
        let misfit = |id| Response::new_err(id, ErrorCode::InvalidParams as i32, format!("{method}: the parameters do not fit"));
        match method.as_str() {
            CodeActionRequest::METHOD => {
                let Some(params) = read::<CodeActionParams>(params) else { return Ok(misfit(id)) };
                self.settle()?;
                Ok(Response::new_ok(id, self.judged.repairs(&self.tree, &params)))
            }
            HoverRequest::METHOD => {
                let Some(params) = read::<HoverParams>(params) else { return Ok(misfit(id)) };
                self.settle()?;
                Ok(Response::new_ok(id, self.judged.hover(&self.tree, &params)))
            }
            _ => Ok(Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("{method} is not served"))),
        }
    }

    /// Judges what came since: places are those of the text that is there.
    fn settle(&mut self) -> Result<(), Failure> {
        if self.stale { self.judge() } else { Ok(()) }
    }

    /// Judges the tree and shows what changed.
    fn judge(&mut self) -> Result<(), Failure> {
        self.stale = false;
        match self.tree.judge() {
            Ok(judged) => {
                self.told = None;
                let old = std::mem::replace(&mut self.shown, judged.diagnostics(&self.tree));
                self.judged = judged;
                let gone = old.keys().filter(|uri| !self.shown.contains_key(*uri)).map(|uri| (uri, Vec::new()));
                let new = self.shown.iter().filter(|(uri, all)| old.get(*uri) != Some(all)).map(|(uri, all)| (uri, all.clone()));
                for (uri, diagnostics) in gone.chain(new) {
                    let Some(uri) = uri.parse::<Uri>().ok() else { continue };
                    let version = self.tree.version(&uri);
                    self.notify::<PublishDiagnostics>(PublishDiagnosticsParams { uri, diagnostics, version })?;
                }
                Ok(())
            }
            // What is shown stays: the next word may be what is missing in the configuration.
            Err(Failure::Usage(message) | Failure::Io(message) | Failure::Proof(message)) => {
                if self.told.as_ref() == Some(&message) {
                    return Ok(());
                }
                self.told = Some(message.clone());
                self.notify::<ShowMessage>(ShowMessageParams { typ: MessageType::ERROR, message: format!("reduse: {message}") })
            }
        }
    }
}

fn read<P: DeserializeOwned>(params: Value) -> Option<P> {
    serde_json::from_value(params).ok()
}

/// The folders that the editor has open.
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let several = params.workspace_folders.iter().flatten().filter_map(|f| places::path_of(&f.uri));
    let mut folders: Vec<PathBuf> = several.collect();
    if folders.is_empty() {
        // What editors said before there could be several.
        #[allow(deprecated)]
        folders.extend(params.root_uri.as_ref().and_then(places::path_of));
    }
    folders
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(true.into()),
        ..TextDocumentSyncOptions::default()
    };
    let repairs = CodeActionOptions { code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]), ..CodeActionOptions::default() };
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(repairs)),
        ..ServerCapabilities::default()
    }
}
