//! scratch
use std::sync::Arc;
use std::collections::BTreeMap;
use parquet::file::reader::{FileReader, SerializedFileReader};
fn cpu() -> f64 { let s=std::fs::read_to_string("/proc/self/stat").unwrap(); let v:Vec<&str>=s.rsplit(')').next().unwrap().split_whitespace().collect(); (v[11].parse::<f64>().unwrap()+v[12].parse::<f64>().unwrap())/100.0 }
fn rss() -> String { std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l| l.starts_with("VmHWM")).collect() }
async fn sizes(lake:&lake::Lake, detail: bool) {
    let s = lake.snapshot("cloudtrail").await.unwrap().unwrap();
    let mut cols: BTreeMap<String,(i64,i64)>=BTreeMap::new(); let mut total=0; let mut groups=0;
    for f in s.files.iter(){ let r=SerializedFileReader::new(std::fs::File::open(f.location.to_file_path().unwrap()).unwrap()).unwrap();
        for g in r.metadata().row_groups(){ groups+=1; for c in g.columns(){ let e=cols.entry(c.column_path().string()).or_default(); e.0+=c.compressed_size(); e.1+=c.uncompressed_size(); total+=c.compressed_size(); } } }
    { let a=event::cloudtrail_schema(); let mut t: BTreeMap<String,usize>=BTreeMap::new(); for f in s.schema.fields(){ let same=a.field_with_name(f.name()).unwrap().data_type()==f.data_type(); *t.entry(format!("{} {}",f.data_type(),same)).or_default()+=1; } println!("{t:?}"); }
    println!("files {} groups {} rows {:?} bytes {} pages {} overhead {}", s.files.len(), groups, s.rows(), s.bytes(), total, s.bytes() as i64-total);
    if detail { let mut v:Vec<_>=cols.into_iter().collect(); v.sort_by_key(|x|-x.1.0); for (n,(c,u)) in v.iter().take(28){ print!("{n}={c}/{u} "); } println!(); }
}
#[tokio::main]
async fn main(){
    let a: Vec<String>=std::env::args().collect();
    let lake=lake::Lake::open(&a[1], { let mut o=lake::LakeOptions::default(); if let Ok(v)=std::env::var("ENCODERS"){o.encoders=v.parse().unwrap();} o }).unwrap();
    if a.len()>2 {
    let t=std::time::Instant::now(); let c=cpu();
    let mut o=ingest::Options::default();
    if let Ok(v)=std::env::var("COMMIT_MB"){o.commit_bytes=v.parse::<u64>().unwrap()<<20;}
    if let Ok(v)=std::env::var("WORKERS"){o.workers=v.parse().unwrap();}
    let ing=ingest::Ingest::new(lake.clone(), Arc::new(enrich::Enricher::new(None)), o);
    let r=ing.run(&a[2..], Arc::new(())).await.unwrap();
    println!("{r:?}"); let dc=cpu()-c; println!("ingest wall {:?} cpu {dc} raw MB/s/cpu {:.1} {}", t.elapsed(), r.raw_bytes as f64/1e6/dc, rss());
    sizes(&lake,true).await; if std::env::var("NOCOMPACT").is_ok(){return;} }
    let t=std::time::Instant::now(); let c=cpu();
    let r=lake.compact("cloudtrail", lake::CompactOptions::default()).await.unwrap();
    println!("{r:?} wall {:?} cpu {} {}", t.elapsed(), cpu()-c, rss());
    sizes(&lake,true).await;
}
