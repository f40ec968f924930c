"""The lock files, the notice and the start command say the same as the project."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LISTS = ("requirements.txt", "requirements-test.txt", "requirements-build.txt", "requirements-setup.txt")
PINNED = re.compile(r"^([a-z0-9-]+)==\S+(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, str]:
    return {match[1]: match[2] for match in PINNED.finditer(read(name))}


def plain_name(requirement: str) -> str:
    return re.split(r"[\[=<>~! ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("name", LISTS)
def test_every_line_of_a_lock_file_is_a_pin_with_hashes(name: str) -> None:
    text = read(name)
    assert pinned(name)
    assert PINNED.sub("", re.sub(r"^#.*\n", "", text, flags=re.M)).strip() == ""


@pytest.mark.parametrize("name", LISTS)
def test_a_lock_file_names_no_index_and_no_folder(name: str) -> None:
    assert not re.search(r"://|file:|--(extra-)?index|--find-links", read(name))


def test_everything_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    wanted = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-test.txt": project["dependency-groups"]["test"],
        "requirements-build.txt": project["dependency-groups"]["build"],
    }
    for name, requirements in wanted.items():
        assert {plain_name(requirement) for requirement in requirements} <= pinned(name).keys()


def test_the_lists_agree_where_they_name_the_same_package() -> None:
    lists = [read(name) for name in LISTS]
    versions = {line.split(" ")[0] for text in lists for line in text.splitlines() if "==" in line}
    names = [version.split("==")[0] for version in versions]
    assert sorted(names) == sorted(set(names))


def test_the_notice_names_every_package_that_is_installed_to_run() -> None:
    notice = set(re.findall(r"[a-z0-9-]+", read("NOTICE").lower()))
    qt = {"pyside6-essentials", "pyside6-pdf"}
    assert pinned("requirements.txt").keys() - qt - notice == set()


def test_the_continuous_integration_runs_the_test_command() -> None:
    assert read(".ci/run").splitlines()[-1] == "exec ./shouwang test"


def test_a_test_never_sees_the_home_folder_of_whoever_runs_it(tmp_path: Path) -> None:
    assert Path.home().parent == tmp_path.parent
