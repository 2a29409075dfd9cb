"""Forging exports: whatever is changed, hashes and manifest are made to fit again."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbmlops.registry.audit.chain import Line, chain_hash
from nbmlops.registry.moving.archive import MANIFEST
from nbmlops.registry.moving.bundle import EVENTS

Members = dict[str, bytes]


def members_of(path: Path) -> Members:
    """Read all members of a zip."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Members, *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Write members as a zip, the manifest as it is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return buffer.getvalue()


def listed(members: Members, /, **changed: Any) -> Members:
    """Make the manifest fit the members, and change what else it says."""
    manifest = json.loads(members[MANIFEST])
    rest = {name: data for name, data in members.items() if name != MANIFEST}
    manifest["members"] = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in rest.items()
    }
    return {**rest, MANIFEST: json.dumps({**manifest, **changed}).encode()}


def forged(members: Members, change: Callable[[str, dict[str, Any]], Any]) -> Members:
    """Change the details of events, and make hashes and manifest fit."""
    lines = []
    for text in members[EVENTS].decode().splitlines():
        fields = json.loads(text)
        detail = json.loads(fields["detail"])
        changed = change(fields["verb"], detail)
        fields["detail"] = json.dumps(detail if changed is None else changed)
        fields["hash"] = chain_hash(Line(**fields))
        lines.append(json.dumps(fields))
    return listed({**members, EVENTS: "\n".join(lines).encode()})
