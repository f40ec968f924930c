"""Reading the command line, with help and complaints in Chinese."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from ui.commands.answer import Answer, Asked

ROLES = "岗位：child_director 儿童主任，child_supervisor 儿童督导员，social_worker 社工，officer 县民政干部"

_WORDS = (
    (r"the following arguments are required: (.*)", r"还缺：\1"),
    (r"unrecognized arguments: (.*)", r"看不懂：\1"),
    (r"argument (.*): expected one argument", r"\1 后面要跟一个值"),
    (r"argument (.*): expected at least one argument", r"\1 后面至少要跟一个值"),
    (r"argument .*: invalid choice: '?(.*?)'? \(choose from (.*)\)", r"没有「\1」，可用的有：\2"),
    (r"argument (.*): invalid .* value: (.*)", r"\1 的值 \2 不对"),
    (r"one of the arguments (.*) is required", r"还缺：\1"),
    (r"ambiguous option: (.*) could match (.*)", r"\1 不明确，可能是 \2"),
)


_FAMILIES = {
    "duplicates": "登记了两次的人：看一看、合并、分开",
    "parcel": "没有网：用 U 盘和县里来往，捎带别的村",
    "county": "县里：新建、注册码、电脑、备份、恢复",
}


class WrongUsage(Exception):
    """The arguments make no verb, or help was asked for; the text is what to print."""

    def __init__(self, text: str, *, is_error: bool) -> None:
        super().__init__(text)
        self.is_error = is_error


class _ChineseHelp(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "用法：")


class _Quiet(argparse.ArgumentParser):
    """Raises instead of printing and leaving."""

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=_ChineseHelp, add_help=False, allow_abbrev=False, **given)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action=_ShowHelp, nargs=0, help="看说明")

    def error(self, message: str) -> NoReturn:
        words = message
        for pattern, chinese in _WORDS:
            words = re.sub(pattern, chinese, words)
        raise WrongUsage(f"什么都没有改动。用法不对：{words}。\n{self.format_usage().strip()}", is_error=True)


class _ShowHelp(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        raise WrongUsage(parser.format_help().rstrip(), is_error=False)


class Verb:
    """One verb while its arguments are being described."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parser = parser

    def takes(self, *names: str, help: str, **given: Any) -> Verb:
        """One argument or option, as argparse understands it."""
        self._parser.add_argument(*names, help=help, **given)
        return self


class Parser:
    """The verbs, in the order in which they were added; ``county init`` is a verb of two words."""

    def __init__(self, program: str, about: str) -> None:
        self._common = argparse.ArgumentParser(add_help=False)
        for name, given in (
            ("--workspace", {"metavar": "文件夹", "help": "资料所在的文件夹"}),
            ("--json", {"action": "store_true", "help": "结果写成一个 JSON 值"}),
        ):
            self._common.add_argument(name, default=argparse.SUPPRESS, **given)  # type: ignore[arg-type]
        self._root = _Quiet(prog=program, description=about, parents=[self._common])
        self._verbs: Any = self._root.add_subparsers(
            metavar="命令", title="命令", parser_class=_Quiet, prog=program
        )
        self._program = program
        self._families: dict[str, Any] = {}

    def verb(self, name: str, run: Callable[[Asked], Answer], help: str) -> Verb:
        """Add a verb; ``name`` may have two words."""
        family, _, own = name.rpartition(" ")
        made = self._within(family).add_parser(own, help=help, description=help, parents=[self._common])
        made.set_defaults(verb=run)
        return Verb(made)

    def _within(self, family: str) -> Any:
        if not family:
            return self._verbs
        if family not in self._families:
            about = _FAMILIES[family]
            above = self._verbs.add_parser(family, help=about, description=about, parents=[self._common])
            self._families[family] = above.add_subparsers(
                metavar="命令", title="命令", required=True, dest=family, prog=f"{self._program} {family}"
            )
        return self._families[family]

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The arguments of one call. Raises WrongUsage."""
        blank = argparse.Namespace(workspace=None, json=False, verb=None)
        found = self._root.parse_args(list(arguments), blank)
        if found.verb is None:
            raise WrongUsage(self._root.format_help().rstrip(), is_error=True)
        return found
