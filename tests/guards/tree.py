"""What git holds or would hold, for the guards. Asks git, so built and downloaded files never count."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def files(*patterns: str) -> tuple[Path, ...]:
    """Paths, from the root, of files tracked or not ignored. Patterns are git's, such as '*.py'."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(Path(name) for name in set(listed.split("\0")) - {""} if (ROOT / name).is_file()))


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")
