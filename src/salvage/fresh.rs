//! A file in the making: it bears its name only when it is whole and on disk.

use std::{
    fs,
    io::{self, BufWriter, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::Error;
use crate::files::{FileName, create_unfinished, hex};

/// What is written goes to a file of another name, which only its owner can read; dropped
/// before [`Fresh::finish`], it is removed.
pub(super) struct Fresh {
    path: PathBuf,
    unfinished: PathBuf,
    out: Option<BufWriter<fs::File>>,
    digest: Sha256,
    bytes: u64,
}

/// A file that is whole and on disk.
pub(super) struct Finished {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// SHA-256 of the content, in hexadecimal digits.
    pub(super) sha256: String,
}

impl Fresh {
    /// Begins a file of this name.
    pub(super) fn begin(folder: &Path, name: &str) -> Result<Self, Error> {
        let path = folder.join(name);
        let name = FileName::beside(name);
        let name = name.map_err(|bad| in_file(&path)(io::Error::other(bad)))?;
        let path = folder.join(name);
        let (file, unfinished) = create_unfinished(folder).map_err(in_file(&path))?;
        let out = Some(BufWriter::new(file));
        Ok(Self { path, unfinished, out, digest: Sha256::new(), bytes: 0 })
    }

    /// Where it will be.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line, its end included.
    pub(super) fn line(&mut self, line: &impl serde::Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line).map_err(|error| self.failed(error.into()))?;
        text.push(b'\n');
        self.put(&text)
    }

    /// Adds bytes as they are.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.out.as_mut().map_or(Ok(()), |out| out.write_all(bytes));
        written.map_err(|error| self.failed(error))?;
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Puts it in its place, on disk when this returns. A file that was there is replaced.
    pub(super) fn finish(mut self) -> Result<Finished, Error> {
        let folder = self.path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let place = |out: BufWriter<fs::File>| -> io::Result<()> {
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&self.unfinished, &self.path)?;
            fs::File::open(&folder)?.sync_all()
        };
        let out = self.out.take();
        if let Some(Err(error)) = out.map(place) {
            let _ = fs::remove_file(&self.unfinished);
            return Err(self.failed(error));
        }
        let digest = std::mem::take(&mut self.digest).finalize();
        Ok(Finished { path: self.path.clone(), bytes: self.bytes, sha256: hex(&digest) })
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::File { path: self.unfinished.clone(), error }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.out.is_some() {
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

/// Makes a folder that only its owner can look into; one that is there stays as it is.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(in_file(folder))
}

/// SHA-256 and length of a file that is there, in hexadecimal digits and bytes.
pub(super) fn measure(path: &Path) -> Result<(String, u64), Error> {
    let read = || -> io::Result<(String, u64)> {
        let mut file = fs::File::open(path)?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let count = io::Read::read(&mut file, &mut buffer)?;
            if count == 0 {
                return Ok((hex(&digest.finalize()), bytes));
            }
            digest.update(&buffer[..count]);
            bytes += count as u64;
        }
    };
    read().map_err(in_file(path))
}

/// An error with the file that it is about.
pub(super) fn in_file(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |error| Error::File { path: path.clone(), error }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        make_folder(&inner).unwrap();
        assert_eq!(fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
        let mut fresh = Fresh::begin(&inner, "x").unwrap();
        fresh.put(b"abc").unwrap();
        drop(fresh);
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 0);
        let mut fresh = Fresh::begin(&inner, "x").unwrap();
        fresh.put(b"abc").unwrap();
        let done = fresh.finish().unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((done.bytes, done.sha256.as_str()), (3, known));
        assert_eq!(measure(&done.path).unwrap(), (known.to_owned(), 3));
        assert_eq!(fs::metadata(&done.path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
    }
}
