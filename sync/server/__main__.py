"""``python -m sync.server DATA [PORT]``: serve the county of a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from app.errors import ShouwangError
from sync.server.serving import serve


def main(arguments: list[str]) -> int:
    """0 when it ended in order, 1 for a reason that is told, 2 for wrong usage."""
    if not 1 <= len(arguments) <= 2 or (len(arguments) == 2 and not arguments[1].isdecimal()):
        print("用法：python -m sync.server 数据文件夹 [端口]", file=sys.stderr)
        return 2
    try:
        serve(Path(arguments[0]), int(arguments[1]) if len(arguments) == 2 else 8750, tell=_tell)
    except ShouwangError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _tell(url: str) -> None:
    print(f"县级服务器在 {url} 运行，按 Ctrl+C 停下。", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
