use super::*;

fn options(folder: &Path, most_bytes: u64) -> JournalOptions {
    JournalOptions { folder: folder.to_owned(), most_bytes }
}

/// Every entry's body, and how many bytes are damaged.
fn rest(reader: &mut Reader) -> (Vec<String>, usize) {
    let (mut bodies, mut damaged) = (Vec::new(), 0);
    loop {
        match reader.read().unwrap() {
            Next::Entry(entry) => bodies.push(String::from_utf8(entry.body.to_vec()).unwrap()),
            Next::Damage { bytes, .. } => damaged += bytes.len(),
            Next::Nothing => return (bodies, damaged),
        }
    }
}

async fn write(journal: &Journal, bodies: &[&str]) -> Vec<u64> {
    let mut numbers = Vec::new();
    for body in bodies {
        numbers.push(journal.write(b"{}".to_vec(), Bytes::from((*body).to_owned())).await.unwrap());
    }
    numbers
}

/// Waits for the lock that the process before, which is this one, lets go of.
fn open(folder: &Path) -> Opened {
    Journal::open(&options(folder, 1 << 30)).unwrap()
}

#[tokio::test]
async fn what_is_written_is_read_now_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = open(folder.path());
    assert_eq!(write(&opened.journal, &["a", "b"]).await, [1, 2]);
    assert_eq!(rest(&mut opened.reader).0, ["a", "b"]);
    assert_eq!(write(&opened.journal, &["c"]).await, [3]);
    assert_eq!(rest(&mut opened.reader).0, ["c"]);
    assert!(Journal::open(&options(folder.path(), 1)).is_err(), "one process at a time");
    opened.journal.drained(1, &serde_json::json!({"x": 7})).unwrap();
    drop(opened);
    let mut again = open(folder.path());
    assert_eq!(again.note["x"], 7);
    assert_eq!(write(&again.journal, &["d"]).await, [4]);
    assert_eq!(rest(&mut again.reader).0, ["b", "c", "d"]);
    again.journal.drained(4, &serde_json::Value::Null).unwrap();
    drop(again);
    let mut last = open(folder.path());
    assert_eq!(rest(&mut last.reader).0, Vec::<String>::new());
    assert_eq!(write(&last.journal, &["e"]).await, [5]);
}

#[tokio::test]
async fn files_whose_entries_are_all_drained_are_deleted_and_their_room_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Journal::open(&options(folder.path(), 40 << 20)).unwrap();
    let body = Bytes::from(vec![b'x'; 9 << 20]);
    for _ in 0..4 {
        opened.journal.write(Vec::new(), body.clone()).await.unwrap();
    }
    assert_eq!(opened.journal.write(Vec::new(), body.clone()).await, Err(Refused::Full));
    assert_eq!(segments(folder.path()).unwrap().len(), 2);
    opened.journal.drained(1, &serde_json::Value::Null).unwrap();
    assert_eq!(opened.journal.write(Vec::new(), body.clone()).await, Err(Refused::Full));
    opened.journal.drained(2, &serde_json::Value::Null).unwrap();
    assert_eq!(segments(folder.path()).unwrap().len(), 1);
    assert!(opened.journal.write(Vec::new(), body).await.is_ok());
}

#[tokio::test]
async fn a_torn_end_is_forgotten_and_damage_within_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |change: fn(&mut Vec<u8>), expected: &[&str], damaged: usize| {
        let opened = open(folder.path());
        write(&opened.journal, &["one", "two", "three"]).await;
        drop(opened);
        let (_, path) = segments(folder.path()).unwrap().pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let mut again = open(folder.path());
        assert_eq!(rest(&mut again.reader), (expected.iter().map(|s| (*s).to_owned()).collect(), damaged));
        drop(again);
        for (_, path) in segments(folder.path()).unwrap() {
            fs::remove_file(path).unwrap();
        }
    };
    check(|_| (), &["one", "two", "three"], 0).await;
    check(|bytes| bytes.truncate(bytes.len() - 1), &["one", "two"], 0).await;
    check(|bytes| bytes.truncate(bytes.len() - 30), &["one", "two"], 0).await;
    // A bit flips in the body of the second, in the length of the first, in the last.
    check(|bytes| bytes[33 + 30] ^= 1, &["one", "three"], 33).await;
    check(|bytes| bytes[21] ^= 1, &["two", "three"], 33).await;
    check(|bytes| *bytes.last_mut().unwrap() ^= 1, &["one", "two"], 35).await;
    check(|bytes| bytes[0] = 0, &["two", "three"], 33).await;
}

#[tokio::test]
async fn many_senders_at_once_are_all_told_and_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = open(folder.path());
    let tasks = (0..500).map(|n| {
        let journal = opened.journal.clone();
        tokio::spawn(async move { journal.write(Vec::new(), Bytes::from(n.to_string())).await.unwrap() })
    });
    let mut numbers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=500).collect::<Vec<u64>>());
    assert_eq!(rest(&mut opened.reader).0.len(), 500);
    opened.journal.close();
    assert_eq!(opened.journal.write(Vec::new(), Bytes::new()).await, Err(Refused::Closed));
}

#[tokio::test]
async fn a_folder_that_is_gone_refuses_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("journal");
    let mut opened = open(&place);
    fs::remove_dir_all(&place).unwrap();
    let refused = opened.journal.write(Vec::new(), Bytes::from("a")).await;
    assert!(matches!(refused, Err(Refused::Disk(_))), "{refused:?}");
    assert_eq!(opened.journal.used(), 0);
    fs::create_dir_all(&place).unwrap();
    write(&opened.journal, &["b"]).await;
    assert_eq!(rest(&mut opened.reader).0, ["b"]);
}
