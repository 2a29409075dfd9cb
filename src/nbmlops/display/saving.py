"""Writing into a file that the user named."""

from pathlib import Path

from nbmlops.errors import UsageError


def save_text(path: str | Path, text: str) -> Path:
    """Write a text into a file.

    Parameters
    ----------
    path
        The file; `~` is the user's folder. What was there is replaced.
    text
        All of it.

    Returns
    -------
    Path
        The file. UsageError if it cannot be written.
    """
    return save_bytes(path, text.encode())


def save_bytes(path: str | Path, data: bytes) -> Path:
    """Write bytes into a file, as `save_text` writes a text; else a UsageError."""
    file = Path(path).expanduser()
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}",
            hint="name a file in a folder that is there, and that you may write to",
        ) from None
    return file
