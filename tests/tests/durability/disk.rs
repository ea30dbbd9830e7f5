//! A disk that is full, and a file that cannot be written: told as such, readable, whole, and over by itself.

use std::{
    env,
    fs::{self, File, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
};

use tempfile::TempDir;
use tests::{Answer, Client, Database, Kind, Scene, Server, Value, scene::Partner, server::wrapped};

use super::{DEALS, deal_with, histories, stored, whole_feed};

/// Set where the test runs itself again: the folder that may become a small disk.
const APART: &str = "ENTENTE_TEST_DURABILITY_APART";
const MORE_THAN_FIT: u64 = 5_000;

#[test]
fn a_full_disk_is_told_and_nothing_is_half_written() {
    if let Some(folder) = env::var_os(APART).map(PathBuf::from) {
        assert!(ran("mount", &["-t", "tmpfs", "-o", "size=16m", "tmpfs"], &folder), "the parent could");
        return fills_up(&Disk::Small(folder));
    }
    let folder = TempDir::new().expect("a folder");
    // In a mount namespace nobody else sees the disk, and it goes away with the child. Who may not have one may
    // have one in a user namespace.
    for under in [&["--mount"][..], &["--map-root-user", "--mount"]] {
        if ran("unshare", &[under, &["mount", "-t", "tmpfs", "tmpfs"]].concat(), folder.path()) {
            return again("durability::disk::a_full_disk_is_told_and_nothing_is_half_written", under, folder.path());
        }
    }
    println!("no disk can be mounted here: a limit on the size of files stands for it");
    fills_up(&Disk::Limited(folder));
}

#[test]
fn a_limit_on_the_size_of_files_is_a_full_disk_too() {
    fills_up(&Disk::Limited(TempDir::new().expect("a folder")));
}

fn again(test: &str, under: &[&str], folder: &Path) {
    let mut command = Command::new("unshare");
    command.args(under).arg(env::current_exe().expect("the test's own path")).args(["--exact", test, "--nocapture"]);
    let output = command.env(APART, folder).output().expect("unshare");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    // A name that has changed would run nothing, successfully.
    let ran = output.status.success() && said.contains("1 passed");
    assert!(ran, "{}", String::from_utf8_lossy(&output.stderr));
}

fn ran(program: &str, arguments: &[&str], folder: &Path) -> bool {
    Command::new(program).args(arguments).arg(folder).output().is_ok_and(|output| output.status.success())
}

/// What keeps the database from growing.
enum Disk {
    /// A file system of its own.
    Small(PathBuf),
    /// The process may not write large files.
    Limited(TempDir),
}

impl Disk {
    fn server(&self) -> Server {
        let folder = match self {
            Self::Small(folder) => folder,
            Self::Limited(folder) => folder.path(),
        };
        let url = folder.join("entente.db").to_string_lossy().into_owned();
        Server::by(limitable(), Arc::new(Database::at(Kind::Sqlite, url)), &[])
    }

    /// Leaves room for little.
    fn fill(&self, server: &Server) {
        match self {
            Self::Small(folder) => {
                let mut ballast = File::create(folder.join("ballast")).expect("ballast");
                while ballast.write_all(&[1; 4096]).is_ok() {}
                // Some writes fit yet: the disk fills up in the middle of one, not between two.
                ballast.set_len(ballast.metadata().expect("its size").len() - 300 * 1024).expect("less ballast");
            }
            Self::Limited(folder) => {
                let largest = ["entente.db", "entente.db-wal"].map(|name| size(&folder.path().join(name)));
                limit(server, &(largest.into_iter().max().unwrap_or_default() + 300 * 1024).to_string());
            }
        }
    }

    fn make_room(&self, server: &Server) {
        match self {
            Self::Small(folder) => fs::remove_file(folder.join("ballast")).expect("less ballast"),
            Self::Limited(_) => limit(server, "unlimited"),
        }
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// A server that is told when it has reached a limit, instead of being killed.
fn limitable() -> Command {
    wrapped("sh", &["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
}

fn limit(server: &Server, bytes: &str) {
    let fsize = format!("--fsize={bytes}:");
    assert!(Command::new("prlimit").args(["--pid", &server.id(), &fsize]).status().expect("prlimit").success());
}

fn fills_up(disk: &Disk) {
    let server = disk.server();
    let scene = Scene::approving(&server);
    let partners: Vec<_> = (0..6).map(|n| scene.partner(&format!("Partner{n}"))).collect();
    let mut kept: Vec<_> = (0..5).map(|n| posted(&partners[0], n).expect_status(201)).collect();
    disk.fill(&server);
    let first_refused = (5..MORE_THAN_FIT).find(|n| {
        let answer = posted(&partners[0], *n);
        let made = answer.status == 201;
        if made {
            kept.push(answer)
        } else {
            is_full(answer)
        }
        !made
    });
    let first_refused = first_refused.expect("the disk was never full");
    let refused = many_at_once(&partners, first_refused, &mut kept);
    assert!(!refused.is_empty(), "the disk was not full any more");
    is_whole(&scene.admin, &kept);
    assert_eq!(server.client().get("/healthz").status, 200);
    assert_eq!(server.client().get("/readyz").status, 200);

    disk.make_room(&server);
    for (partner, n) in refused.iter().copied().chain([(0, first_refused)]) {
        kept.push(posted(&partners[partner], n).expect_status(201));
    }
    is_whole(&scene.admin, &kept);
    drop(server);
    let server = disk.server();
    is_whole(&scene.admin.at(&server.url), &kept);
    println!("{} registrations kept, {} refused on a full disk and made later", kept.len(), refused.len() + 1);
}

/// Large, so that not many are needed; always under the same key.
fn posted(partner: &Partner, n: u64) -> Answer {
    let mut new = deal_with(n);
    new["notes"] = "x".repeat(4_000).into();
    partner.admin.post_once(DEALS, &format!("deal-{n}"), &new)
}

fn is_full(answer: Answer) {
    let answer = answer.expect_problem(503, "storage_full");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

/// Each hears of its own write. Small ones may fit where a large one did not; those that did not, by partner.
fn many_at_once(partners: &[Partner], first: u64, kept: &mut Vec<Answer>) -> Vec<(usize, u64)> {
    let answers: Vec<_> = thread::scope(|scope| {
        let writers: Vec<_> = partners
            .iter()
            .enumerate()
            .map(|(at, partner)| {
                scope.spawn(move || {
                    let numbers = (0..3).map(move |n| first + 1 + 3 * at as u64 + n);
                    numbers.map(|n| ((at, n), posted(partner, n))).collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
    });
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.status == 201);
    kept.extend(made.into_iter().map(|(_, answer)| answer));
    refused
        .into_iter()
        .map(|(which, answer)| {
            is_full(answer);
            which
        })
        .collect()
}

/// What was acknowledged can be read, and there is nothing else: no registration, account or event of a refused one.
fn is_whole(admin: &Client, kept: &[Answer]) {
    for answer in kept {
        let path = format!("{DEALS}/{}", answer.text("id"));
        assert_eq!(admin.get(&path).expect_status(200).text("status"), "approved");
    }
    assert_eq!(stored(admin), kept.len());
    assert_eq!(admin.all("/v1/accounts?limit=200").len(), kept.len());
    let feed = whole_feed(admin);
    assert_eq!(feed.iter().filter(|event| event["type"] == "account.created").count(), kept.len());
    let histories = histories(&feed);
    assert_eq!(histories.len(), kept.len());
    assert!(histories.values().all(|history| *history == ["created", "submitted", "approved"]));
}

/// How a file becomes one that cannot be written, under a server that has it open.
#[derive(Debug)]
enum Freeze {
    /// Nobody may write to it, by an attribute that only root sets, and not every file system knows.
    Immutable,
    /// By its permissions, which count when it is opened again; the limit makes the server do that. Root lays down
    /// the right to pass over permissions.
    Protected,
}

impl Freeze {
    /// Both, where both are possible.
    fn all(folder: &Path) -> Vec<Self> {
        let probe = folder.join("probe");
        let mut file = File::create(&probe).expect("a probe");
        let works = ran("chattr", &["+i"], &probe) && file.write_all(b"x").is_err();
        ran("chattr", &["-i"], &probe);
        if works { vec![Self::Immutable, Self::Protected] } else { vec![Self::Protected] }
    }

    fn command(&self) -> Command {
        let drops_rights = ["--bounding-set", "-dac_override", "--", "sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"];
        if matches!(self, Self::Protected) && user() == "0" { wrapped("setpriv", &drops_rights) } else { limitable() }
    }

    /// Until the value goes away, however the test ends: what cannot be written cannot be removed either.
    fn hold<'t>(&'t self, server: &'t Server) -> Frozen<'t> {
        self.set(server, true);
        Frozen { freeze: self, server }
    }

    fn set(&self, server: &Server, frozen: bool) {
        // Not the shared memory beside them: the server's process has it mapped, and would be killed by the kernel.
        let files = ["", "-wal"].map(|suffix| PathBuf::from(format!("{}{suffix}", server.database.url))).into_iter();
        match self {
            Self::Immutable => files.for_each(|file| {
                assert!(ran("chattr", &[if frozen { "+i" } else { "-i" }], &file), "{}", file.display());
            }),
            Self::Protected => {
                let mode = if frozen { 0o444 } else { 0o644 };
                files.for_each(|file| fs::set_permissions(file, Permissions::from_mode(mode)).expect("a mode"));
                limit(server, if frozen { "0" } else { "unlimited" });
            }
        }
    }
}

struct Frozen<'t> {
    freeze: &'t Freeze,
    server: &'t Server,
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        self.freeze.set(self.server, false);
    }
}

fn user() -> String {
    let output = Command::new("id").arg("-u").output().expect("id");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_can_be_read() {
    for freeze in Freeze::all(TempDir::new().expect("a folder").path()) {
        cannot_be_written(&freeze);
        println!("a file that was {freeze:?}");
    }
}

fn cannot_be_written(freeze: &Freeze) {
    let folder = TempDir::new().expect("a folder");
    let url = folder.path().join("entente.db").to_string_lossy().into_owned();
    let server = Server::by(freeze.command(), Arc::new(Database::at(Kind::Sqlite, url)), &[]);
    let scene = Scene::approving(&server);
    let partners: Vec<_> = (0..6).map(|n| scene.partner(&format!("Partner{n}"))).collect();
    let mut kept: Vec<_> = (0..5).map(|n| posted(&partners[0], n).expect_status(201)).collect();
    let frozen = freeze.hold(&server);
    let told: Vec<Value> = thread::scope(|scope| {
        let writers: Vec<_> =
            (5..).zip(&partners).map(|(n, partner)| scope.spawn(move || posted(partner, n))).collect();
        writers.into_iter().map(|writer| is_read_only(writer.join().expect("an answer"))).collect()
    });
    assert_eq!(told.len(), partners.len());
    is_read_only(posted(&partners[0], 20));
    is_whole(&scene.admin, &kept);
    assert_eq!(server.client().get("/readyz").status, 200);
    drop(frozen);
    // Also the first of them: nobody has to start the server anew.
    kept.extend((5..).zip(&partners).map(|(n, partner)| posted(partner, n).expect_status(201)));
    is_whole(&scene.admin, &kept);
}

fn is_read_only(answer: Answer) -> Value {
    let answer = answer.expect_problem(503, "storage_read_only");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    answer.json
}
